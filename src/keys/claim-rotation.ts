import type { Sql } from "../db/tx.ts";
import type { Rotation } from "./rotation.ts";

export interface Holder {
  /** Names this holder: who took an expired lease over has another one. */
  owner: string;
  leaseSeconds: number;
  /** The KEK this process wraps with: another one's rotation is not its business. */
  kekId: string;
}

/** The oldest rotation that nobody carries, for as long as the lease; undefined when there is none now. */
export async function claimRotation(sql: Sql, holder: Holder): Promise<Rotation | undefined> {
  const [row] = await sql<(Omit<Rotation, "departmentId"> & { departmentId: string | null })[]>`
    update federation.key_rotation r set lease_owner = ${holder.owner},
      lease_until = clock_timestamp() + make_interval(secs => ${holder.leaseSeconds})
    where r.id = (
      select id from federation.key_rotation
      where status = 'running' and not_before <= clock_timestamp()
        and (lease_until is null or lease_until <= clock_timestamp()) and (kind <> 'kek' or to_id = ${holder.kekId})
      order by created_at, id limit 1 for update skip locked)
    returning r.id, r.kind, r.department_id as "departmentId", r.from_id as "fromId", r.to_id as "toId", r.total,
      r.cursor, r.idle_passes as "idlePasses",
      extract(epoch from clock_timestamp() - r.created_at)::float8 as "ageSeconds"`;
  return row && { ...row, departmentId: row.departmentId ?? undefined };
}

/** Milliseconds until a rotation may be claimed; undefined when none will be by itself. */
export async function nextClaimMs(sql: Sql, holder: Holder): Promise<number | undefined> {
  const [row] = await sql<{ ms: number | null }[]>`
    select (extract(epoch from min(greatest(not_before, lease_until)) - clock_timestamp()) * 1000)::float8 as ms
    from federation.key_rotation where status = 'running' and (kind <> 'kek' or to_id = ${holder.kekId})`;
  return row?.ms ?? undefined;
}
