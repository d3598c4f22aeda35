import type { Sql } from "../db/tx.ts";

const keptDays = 7;

/** Forgets answers older than 7 days; tells how many. */
export async function purgeIdempotency(sql: Sql): Promise<number> {
  const { count } = await sql`
    delete from federation.idempotency_key
    where created_at < clock_timestamp() - make_interval(days => ${keptDays}) and locked_until < clock_timestamp()`;
  return count;
}
