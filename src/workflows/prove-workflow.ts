import { setTimeout as sleep } from "node:timers/promises";
import { listMcpTools } from "../providers/n8n/list-mcp-tools.ts";
import { probeWebhook } from "../providers/n8n/probe-webhook.ts";
import type { Call } from "../net/trace-call.ts";
import { hookHeader } from "./credential-data.ts";
import type { WorkflowSecrets } from "./read-secrets.ts";
import type { RenderedWorkflow } from "./rendered-workflow.ts";

/**
 * What answers at a workflow's path: itself in the rendered version (`live`), another version of it (`stale`), nothing
 * (`absent`), who does not take our token (`refused`), a failing workflow (`broken`), somebody else (`foreign`), or n8n
 * does not answer at all (`unreachable`).
 */
export interface Proof {
  state: "live" | "stale" | "absent" | "refused" | "broken" | "foreign" | "unreachable";
  /** Of the template that answers; undefined where that is not known. */
  version?: number;
}

export interface Prover {
  webhookUrl: string;
  departmentId: string;
  secrets: WorkflowSecrets;
  signal: AbortSignal;
  fetch?: Call | undefined;
}

const firstPauseMs = 100;
const longestPauseMs = 1000;

/** Calls the live path until it is the workflow itself, for so long: publication comes after n8n has said yes. */
export async function proveWorkflow(
  prover: Prover,
  workflow: RenderedWorkflow,
  patienceMs: number,
): Promise<Proof> {
  const until = performance.now() + patienceMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
    const proof = await proveOnce(prover, workflow);
    if (proof.state === "live" || performance.now() + pauseMs > until) return proof;
    await sleep(pauseMs, undefined, { signal: prover.signal });
  }
}

function proveOnce(prover: Prover, workflow: RenderedWorkflow): Promise<Proof> {
  return workflow.entry.kind === "mcp" ? proveMcp(prover, workflow) : proveWebhook(prover, workflow);
}

async function proveWebhook(prover: Prover, { key, version, entry }: RenderedWorkflow): Promise<Proof> {
  const answer = await probeWebhook({
    url: `${prover.webhookUrl}/webhook/${entry.path}`,
    header: { name: hookHeader, value: prover.secrets.hookToken },
    signal: prover.signal,
    fetch: prover.fetch,
  });
  if (answer.kind !== "ours") return { state: answer.kind };
  if (answer.department !== prover.departmentId || answer.template !== key) return { state: "foreign" };
  return { state: answer.version === version ? "live" : "stale", version: answer.version };
}

async function proveMcp(prover: Prover, workflow: RenderedWorkflow): Promise<Proof> {
  const answer = await listMcpTools({
    url: `${prover.webhookUrl}/mcp/${workflow.entry.path}`,
    token: prover.secrets.mcpToken,
    signal: prover.signal,
    fetch: prover.fetch,
  });
  if (answer.kind !== "tools") return { state: answer.kind };
  const names = new Set(answer.names);
  const wanted = toolNames(workflow);
  return { state: wanted.size === names.size && wanted.isSubsetOf(names) ? "live" : "stale" };
}

/** n8n calls a tool as its node, with `_` in place of spaces. */
function toolNames({ definition }: RenderedWorkflow): Set<string> {
  const tools = Object.entries(definition.connections).filter(
    ([, outputs]) => typeof outputs === "object" && outputs !== null && "ai_tool" in outputs,
  );
  return new Set(tools.map(([name]) => name.replaceAll(" ", "_")));
}
