import type { Sql } from "../db/tx.ts";
import { activeDays } from "./signing-key-times.ts";

/** Whether the key that signs is due to be replaced and none is about to. */
export async function isSigningKeyOld(sql: Sql): Promise<boolean> {
  const [due] = await sql`
    select from federation.signing_key
    where status = 'active' and created_at < clock_timestamp() - make_interval(days => ${activeDays})
      and not exists (select from federation.key_rotation where kind = 'signing' and status = 'running')`;
  return due !== undefined;
}
