import type { WorkerDeps } from "../provisioning/worker-deps.ts";
import { findN8n } from "../workflows/n8n-of.ts";
import { readRecords } from "../workflows/read-records.ts";
import type { Check } from "./check-department.ts";
import type { ClaimedCheck } from "./claim-checks.ts";
import type { WorkflowLooks, WorkflowStates } from "./workflow-looks.ts";

export type WorkflowDeps = Pick<WorkerDeps, "db" | "vault" | "config" | "n8n" | "tracer"> & {
  workflows: WorkflowLooks;
};

/** What is asked once more is not answered by the same list. */
const freshSeconds = 1;

/**
 * Whether every workflow that is written down is there and on, by a list that is newer than the department's last look.
 * What it finds wrong is asked once more: the list may be older than the workflow.
 */
export async function checkWorkflows(
  { db, vault, config, n8n: client, tracer, workflows }: WorkflowDeps,
  { id: departmentId, lookedSecondsAgo }: Pick<ClaimedCheck, "id" | "lookedSecondsAgo">,
): Promise<Check> {
  const records = (await readRecords(db.app, departmentId)).filter(({ kind }) => kind === "workflow");
  if (records.length === 0) return { status: "ok", detail: "" };
  const n8n = await findN8n({ sql: db.app, vault, config, n8n: client, tracer }, departmentId);
  if (!n8n) return { status: "warning", detail: "n8n is not configured here." };
  const wanted = Map.groupBy(records, ({ name }) => name);
  const found = problemsOf(wanted, await workflows(n8n, lookedSecondsAgo ?? Infinity));
  const problems = found === "" ? "" : problemsOf(wanted, await workflows(n8n, freshSeconds));
  return problems === "" ? { status: "ok", detail: "" } : { status: "failed", detail: problems };
}

/** By key, such as "Missing in n8n: email. Off: calendar."; "" when all are on. One of a name is enough. */
function problemsOf(wanted: Map<string, { id: string }[]>, states: WorkflowStates): string {
  const missing: string[] = [];
  const off: string[] = [];
  for (const [name, records] of wanted) {
    const seen = records.flatMap(({ id }) => states.get(id) ?? []);
    if (seen.includes("on")) continue;
    (seen.length === 0 ? missing : off).push(keyOf(name));
  }
  return [sentence("Missing in n8n", missing), sentence("Off", off)].filter((text) => text !== "").join(" ");
}

const keyOf = (name: string) => name.slice(name.lastIndexOf("/") + 1);
const sentence = (what: string, keys: string[]) => (keys.length > 0 ? `${what}: ${keys.join(", ")}.` : "");
