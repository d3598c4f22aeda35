import type { Sql, Tx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { WorkerDeps } from "../provisioning/worker-deps.ts";
import type { ClaimedCheck } from "./claim-checks.ts";

const timeoutMs = 20_000;

/** Starts the agent anew, where its host can; what fails is left to the next step of the ladder. */
export async function restartAgent(
  { hosts, db, log }: Pick<WorkerDeps, "hosts" | "db" | "log">,
  { id, host, fence }: ClaimedCheck,
): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  const idempotencyKey = `health:${id}:${fence}`;
  const call = { idempotencyKey, signal, fence: (tx?: Tx) => checkFence(tx ?? db.app, id, fence) };
  await hosts
    .get(host)
    ?.restart?.(id, call)
    .catch((err: unknown) => log.warn({ err, department: id }, "agent not restarted"));
}

async function checkFence(sql: Sql | Tx, id: string, fence: string) {
  const rows = await sql`
    select from federation.department_health h join federation.department d on d.id = h.department_id
    where h.department_id = ${id} and h.fence = ${fence} and d.status = 'degraded' and d.locked_at is null`;
  if (rows.length === 0) throw new FederationError("lease_lost", "Another look at the department has begun.");
}
