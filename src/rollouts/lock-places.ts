import type { Tx } from "../db/tx.ts";
import type { HeldRollout } from "./held-rollout.ts";

/** A department in a rollout, its row held. */
export interface Place {
  id: string;
  host: string;
  release: string;
  releaseBefore: string | null;
  /** Why it cannot be upgraded now; null when it can. */
  hindrance: string | null;
  /** Whether another run of it lives. */
  busy: boolean;
}

/**
 * The departments that wait for a run: of the present batch those that have not begun, or those to bring back, of which
 * no more than a batch are under way at once. One whose row somebody else holds comes the next time.
 */
export async function lockPlaces(
  tx: Tx,
  { id, batch, batchSize }: HeldRollout,
  status: "pending" | "rolling_back",
): Promise<Place[]> {
  const waits =
    status === "pending"
      ? tx`p.status = 'pending' and p.batch = ${batch}`
      : tx`p.status = 'rolling_back' and p.rollback_run_id is null`;
  const room = tx`${batchSize} - (select count(*) from federation.rollout_department u
    where u.rollout_id = ${id} and u.status = 'rolling_back' and u.rollback_run_id is not null)`;
  const locked = await tx<{ id: string }[]>`
    select d.id from federation.rollout_department p join federation.department d on d.id = p.department_id
    where p.rollout_id = ${id} and ${waits} order by d.created_at, d.id
    limit ${status === "pending" ? tx`${batchSize}::bigint` : tx`greatest(0, ${room})`}
    for no key update of d skip locked`;
  if (locked.length === 0) return [];
  const places = await tx<Place[]>`
    select d.id, d.host, d.release, p.release_before as "releaseBefore",
      case when d.locked_at is not null then 'it is locked'
        when d.status not in ('active', 'degraded') then 'it is ' || d.status end as hindrance,
      exists (select from federation.run r where r.department_id = d.id
        and r.status in ('queued', 'running', 'waiting', 'failed', 'rolling_back')) as busy
    from federation.rollout_department p join federation.department d on d.id = p.department_id
    where p.rollout_id = ${id} and d.id = any(${locked.map((row) => row.id)}) order by d.created_at, d.id`;
  return [...places];
}
