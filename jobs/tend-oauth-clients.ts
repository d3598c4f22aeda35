import { tendPool } from "../src/oauth-clients/tend-pool.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

/** Gives cooled clients back to the pool and keeps idle ones alive at Google. */
export async function tendOAuthClients(deps: WorkerDeps): Promise<void> {
  const { freed, touched } = await tendPool(deps);
  if (freed + touched > 0) deps.log.info({ freed, touched }, "OAuth clients tended");
}
