import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

const idempotencyDays = 7;

/** Makes the audit's next partitions ahead of time and forgets what is no longer needed. */
export async function keepHouse({ db, log }: WorkerDeps): Promise<void> {
  await db.app`select audit.ensure_partitions(3)`;
  const { count } = await db.app`delete from federation.idempotency_key
    where created_at < clock_timestamp() - make_interval(days => ${idempotencyDays})`;
  await db.app`delete from federation.health_check where at < clock_timestamp() - interval '30 days'`;
  log.info({ idempotency_keys: count }, "house kept");
}
