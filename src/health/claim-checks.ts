import { type Sql, withTx } from "../db/tx.ts";
import { liveRun } from "./live-run.ts";

/** A department that this worker looks at now. */
export interface ClaimedCheck {
  id: string;
  slug: string;
  host: string;
  schemaName: string;
  roleName: string;
  /** Counts the looks ever begun: one that was overtaken stores nothing. */
  fence: string;
  /** Since the last look was stored; null: none was. */
  lookedSecondsAgo: number | null;
}

/** Takes up to `room` departments that are due, under a lease; departments that a run works on are left alone. */
export async function claimChecks(sql: Sql, room: number, leaseSeconds: number): Promise<ClaimedCheck[]> {
  return withTx(
    sql,
    (tx) => tx<ClaimedCheck[]>`
      with due as materialized (
        select h.department_id from federation.department_health h
        join federation.department d on d.id = h.department_id
        where h.next_check_at <= now() and d.status in ('active', 'degraded') and d.locked_at is null
          and not ${liveRun(tx)}
        order by h.next_check_at limit ${room}
        for update of h skip locked
      )
      update federation.department_health h set fence = h.fence + 1,
        next_check_at = clock_timestamp() + make_interval(secs => ${leaseSeconds})
      from due, federation.department d
      where h.department_id = due.department_id and d.id = h.department_id
      returning d.id, d.slug, d.host, d.schema_name as "schemaName", d.role_name as "roleName", h.fence,
        extract(epoch from clock_timestamp() - h.checked_at)::float8 as "lookedSecondsAgo"`,
  );
}
