import type { Sql } from "../db/tx.ts";
import type { ApiClient } from "./client-cache.ts";

const everyMs = 60_000;

/** Notes that a key was used, at most once a minute. */
export async function markUsed(sql: Sql, client: ApiClient): Promise<void> {
  if (client.lastUsedAt && Date.now() - client.lastUsedAt.getTime() < everyMs) return;
  client.lastUsedAt = new Date();
  await sql`
    update federation.api_client set last_used_at = clock_timestamp()
    where id = ${client.id} and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')`;
}
