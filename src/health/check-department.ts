import { withDepartment } from "../gateway/with-department.ts";
import type { WorkerDeps } from "../provisioning/worker-deps.ts";
import { checkWorkflows, type WorkflowDeps } from "./check-workflows.ts";
import type { ClaimedCheck } from "./claim-checks.ts";

export interface Check {
  status: "ok" | "starting" | "failed" | "warning";
  detail: string;
}

export type CheckName = "agent" | "database" | "workflows" | "credentials";
export type Checks = Record<CheckName, Check>;
export type CheckDeps = Pick<WorkerDeps, "hosts"> & WorkflowDeps;

const timeoutMs = 5000;

/**
 * Looks at everything in parallel, 5 s each; never throws. Agent, database and workflows decide; credentials are shown
 * only, and so is an n8n that does not answer: its departments cannot mend that.
 */
export async function checkDepartment(deps: CheckDeps, department: ClaimedCheck): Promise<Checks> {
  const [agent, database, workflows, credentials] = await Promise.all([
    within("agent", checkAgent(deps, department)),
    within("database", checkDatabase(deps, department)),
    within("n8n", checkWorkflows(deps, department), "warning"),
    within("credentials", checkCredentials(deps, department), "warning"),
  ]);
  return { agent, database, workflows, credentials };
}

async function checkAgent({ hosts }: CheckDeps, department: ClaimedCheck): Promise<Check> {
  const host = hosts.get(department.host);
  if (!host) return { status: "warning", detail: `The host ${department.host} is not configured here.` };
  const { status, detail } = await host.health(department.id, AbortSignal.timeout(timeoutMs));
  if (status === "ready" || status === "starting")
    return { status: status === "ready" ? "ok" : "starting", detail };
  return { status: "failed", detail: detail || `The agent is ${status}.` };
}

/** As the department's own role under its seal: what the agent would see. */
async function checkDatabase({ db, vault }: CheckDeps, department: ClaimedCheck): Promise<Check> {
  const own = { sql: db.gateway, seal: (id: string) => vault.sealOwnContext(id) };
  await withDepartment(own, department, (tx) => tx`select from ${tx(department.schemaName)}.session limit 1`);
  return { status: "ok", detail: "" };
}

async function checkCredentials({ db }: CheckDeps, { id }: ClaimedCheck): Promise<Check> {
  const broken = await db.app`
    select from federation.credential where department_id = ${id} and status = 'needs_consent'`;
  return broken.length === 0
    ? { status: "ok", detail: "" }
    : { status: "warning", detail: `${broken.length} of its credentials need consent.` };
}

/** `unknown`: what it counts as when it cannot be told. */
async function within(
  name: string,
  look: Promise<Check>,
  unknown: Check["status"] = "failed",
): Promise<Check> {
  const late = Promise.withResolvers<Check>();
  const silent: Check = { status: unknown, detail: `The ${name} does not answer.` };
  const timer = setTimeout(() => late.resolve(silent), timeoutMs);
  // The cause may name hosts and logins: it is not stored.
  const answer = await Promise.race([look.catch(() => silent), late.promise]);
  clearTimeout(timer);
  return answer;
}
