import type { Tx } from "../db/tx.ts";
import type { JsonObject } from "../json.ts";

/** Everything we call back about. */
export const eventTypes = [
  "department.provisioned",
  "department.failed",
  "department.deprovisioned",
  "department.degraded",
  "department.recovered",
  "department.locked",
  "department.unlocked",
  "department.drifted",
  "department.in_sync",
  "credential.broken",
  "credential.recovered",
  "grant.requested",
  "oauth_pool.low",
  "alert.fired",
  "alert.resolved",
] as const;
export type EventType = (typeof eventTypes)[number];

/** Notes an event in the transaction of what caused it; a worker delivers it. `data` holds ids and names, no secrets. */
export async function emitEvent(
  tx: Tx,
  event: { type: EventType; departmentId?: string | undefined; data: JsonObject },
): Promise<void> {
  await tx`
    insert into federation.webhook_event (id, type, department_id, data)
    values (${Bun.randomUUIDv7()}, ${event.type}, ${event.departmentId ?? null}, ${tx.json(event.data)})`;
}
