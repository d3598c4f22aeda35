import type { Sql } from "../db/tx.ts";
import type { CredentialRow } from "./credential-row.ts";
import { holdSeconds } from "./refresh-times.ts";

/** A refresh that is ours: the row as it was read, with the version that fences everybody before us off. */
export type Held = CredentialRow & { refreshSealed: string };

/**
 * Makes this caller the only one to refresh, for `holdSeconds`. Undefined when the row has moved since it was read, is
 * held by somebody whose time is not over, or has to be left alone.
 */
export async function holdRefresh(sql: Sql, row: CredentialRow): Promise<Held | undefined> {
  const [held] = await sql<{ version: number; refreshSealed: string }[]>`
    update federation.credential set status = 'refreshing', version = version + 1,
      refresh_until = clock_timestamp() + make_interval(secs => ${holdSeconds}), updated_at = clock_timestamp()
    where id = ${row.id} and version = ${row.version}
      and (status = 'active' or (status = 'refreshing' and refresh_until <= clock_timestamp()))
      and (failures = 0 or next_refresh_at is null or next_refresh_at <= clock_timestamp())
    returning version, refresh_sealed as "refreshSealed"`;
  return held && { ...row, ...held, status: "refreshing" };
}
