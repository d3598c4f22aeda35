import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import { hostCall, hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";
import type { AgentSpec } from "../../src/providers/hosts/host.ts";
import { stopAgent } from "./stop.ts";
import { specOf } from "./configure.ts";

/** Starts the agent and writes down where it answers. */
export const deploy: JobStep = {
  deadlineSeconds: 120,
  run: async (ctx) => done({ url: await deployAgent(ctx, await specOf(ctx)) }),
  undo: stopAgent,
};

export async function deployAgent(ctx: JobContext, spec: AgentSpec): Promise<string> {
  const url = await startAgent(ctx, spec);
  await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    await tx`update federation.department set agent_url = ${url}, updated_at = clock_timestamp()
      where id = ${ctx.run.department.id} and status <> 'deprovisioned'`;
    record({ action: "agent.deploy", meta: { url, release: spec.release } });
  });
  return url;
}

/** Answers where the agent is; nobody is led there yet. */
export async function startAgent(ctx: JobContext, spec: AgentSpec): Promise<string> {
  await ctx.fence();
  const { url } = await hostOf(ctx)
    .deploy(spec, hostCall(ctx))
    .catch(async (error: unknown) => {
      await logLastLines(ctx);
      throw error;
    });
  return url;
}

const tailLines = 20;
const lineCharactersMax = 500;

/** What the agent wrote before it gave up, for whoever reads the worker's log; an agent writes no secrets. */
async function logLastLines(ctx: JobContext): Promise<void> {
  const { deps, run, signal } = ctx;
  const lines = await hostOf(ctx)
    .logs?.(run.department.id, { tailLines }, signal)
    .catch(() => []);
  if (!lines || lines.length === 0) return;
  const shown = lines.map((line) => line.slice(0, lineCharactersMax));
  deps.log.warn({ run: run.id, lines: shown }, "the agent's last lines");
}
