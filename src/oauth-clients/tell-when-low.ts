import type { Logger } from "pino";
import { type Sql, withTx } from "../db/tx.ts";
import { emitEvent } from "../webhooks/emit.ts";

/** Fewer free clients than this are an event: somebody has to register some at Google, and that takes days. */
const lowWater = 2;
const remindHours = 24;

/**
 * Says that the pool is low, once per day and once more after somebody added to it, not at every lease. Has a
 * transaction of its own, after that of the lease: one that leases cannot see what others take at the same time.
 */
export async function tellWhenLow({ sql, log }: { sql: Sql; log: Logger }): Promise<void> {
  const free = await withTx(sql, async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended('oauth_pool.low', 0))`;
    const [pool] = await tx<{ free: number; isKnown: boolean }[]>`
      select count(*) filter (where c.status = 'free')::int as free, exists (
        select from federation.webhook_event e where e.type = 'oauth_pool.low'
          and e.created_at > greatest(max(c.created_at) filter (where c.origin = 'pool'),
            clock_timestamp() - make_interval(hours => ${remindHours}))) as "isKnown"
      from federation.oauth_client c`;
    if (!pool || pool.isKnown || pool.free >= lowWater) return undefined;
    await emitEvent(tx, { type: "oauth_pool.low", data: { free: pool.free } });
    return pool.free;
  });
  if (free !== undefined) log.warn({ free }, "the pool of OAuth clients is low");
}
