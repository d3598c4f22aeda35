import { purgeIdempotency } from "../src/idempotency/purge.ts";
import { purgeRevoked } from "../src/tokens/purge-revoked.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

/** Makes the audit's next partitions ahead of time and forgets what is no longer needed. */
export async function keepHouse({ db, log }: WorkerDeps): Promise<void> {
  await db.app`select audit.ensure_partitions(3)`;
  const forgotten = await purgeIdempotency(db.app);
  await purgeRevoked(db.app);
  await db.app`delete from federation.health_check where at < clock_timestamp() - interval '30 days'`;
  await db.app`delete from federation.rate_limit
    where started_us < extract(epoch from clock_timestamp() - interval '2 days') * 1000000`;
  log.info({ idempotency_keys: forgotten }, "house kept");
}
