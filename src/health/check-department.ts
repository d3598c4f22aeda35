import { withDepartment } from "../gateway/with-department.ts";
import type { WorkerDeps } from "../provisioning/worker-deps.ts";
import type { ClaimedCheck } from "./claim-checks.ts";

export interface Check {
  status: "ok" | "starting" | "failed" | "warning";
  detail: string;
}

export type Checks = Record<"agent" | "database" | "credentials", Check>;
export type CheckDeps = Pick<WorkerDeps, "db" | "vault" | "hosts">;

const timeoutMs = 5000;

/** Looks at everything in parallel, 5 s each; never throws. Agent and database decide, credentials are shown only. */
export async function checkDepartment(deps: CheckDeps, department: ClaimedCheck): Promise<Checks> {
  const [agent, database, credentials] = await Promise.all([
    within("agent", checkAgent(deps, department)),
    within("database", checkDatabase(deps, department)),
    within("credentials", checkCredentials(deps, department)),
  ]);
  return {
    agent,
    database,
    credentials: credentials.status === "failed" ? { ...credentials, status: "warning" } : credentials,
  };
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

async function within(name: string, look: Promise<Check>): Promise<Check> {
  const late = Promise.withResolvers<Check>();
  const timer = setTimeout(() => late.resolve(failed(name)), timeoutMs);
  // The cause may name hosts and logins: it is not stored.
  const answer = await Promise.race([look.catch(() => failed(name)), late.promise]);
  clearTimeout(timer);
  return answer;
}

const failed = (name: string): Check => ({ status: "failed", detail: `The ${name} does not answer.` });
