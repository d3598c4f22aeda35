import { collectUsage } from "../src/cost/collect-usage.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

/** Keeps what the hosts metered; a host's calls stand in its own line of calls. */
export async function collectAllUsage({ db, hosts, log }: WorkerDeps): Promise<void> {
  for (const host of hosts.values()) {
    const counts = await collectUsage(db.app, host, (err, department) =>
      log.warn({ err, department, host: host.name }, "usage could not be read"),
    );
    if (counts.kept + counts.failed > 0) log.info({ host: host.name, ...counts }, "usage collected");
  }
}
