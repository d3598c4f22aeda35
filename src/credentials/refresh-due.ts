import type { Sql } from "../db/tx.ts";
import type { AccessTokens } from "./access-tokens.ts";

export interface RefreshDueOptions {
  lanes: number;
  /** A next run goes on where this one ended. */
  budgetMs: number;
}

const batchSize = 2000;

/**
 * Renews tokens that are due, those due longest first, so many at a time. A run that overlaps another one finds rows
 * held and moves on; what it did not reach stays due. Answers how many it looked at.
 */
export async function refreshDue(
  sql: Sql,
  tokens: Pick<AccessTokens, "renew">,
  { lanes, budgetMs }: RefreshDueOptions,
): Promise<number> {
  const endMs = performance.now() + budgetMs;
  const inTime = () => performance.now() < endMs;
  let looked = 0;
  for (let batch = await findDue(sql); batch.length > 0 && inTime(); batch = await findDue(sql)) {
    const isLast = batch.length < batchSize;
    const lane = async () => {
      for (let id = batch.shift(); id !== undefined && inTime(); id = batch.shift()) {
        looked += 1;
        await tokens.renew(id);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    if (isLast) break;
  }
  return looked;
}

async function findDue(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select c.id from federation.credential c join federation.department d on d.id = c.department_id
    where d.status in ('active', 'degraded') and c.status in ('active', 'refreshing')
      and case c.status when 'active' then coalesce(c.next_refresh_at, c.access_expires_at - interval '10 minutes', '-infinity') else c.refresh_until end
        <= clock_timestamp()
    order by c.next_refresh_at nulls first, c.id limit ${batchSize}`;
  return rows.map(({ id }) => id);
}
