import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";
import { purgeWebhooks as purge } from "../src/webhooks/purge.ts";

/** Forgets events and deliveries after 30 days. */
export async function purgeWebhooks({ db, log }: WorkerDeps): Promise<void> {
  const forgotten = await purge(db.app);
  if (forgotten > 0) log.info({ events: forgotten }, "webhooks forgotten");
}
