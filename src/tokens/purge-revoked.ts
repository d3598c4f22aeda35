import type { Sql } from "../db/tx.ts";

/** Forgets revoked tokens that have ended, an hour later; answers how many. */
export async function purgeRevoked(sql: Sql): Promise<number> {
  const gone = await sql`
    delete from federation.revoked_token where expires_at < clock_timestamp() - interval '1 hour'`;
  return gone.count;
}
