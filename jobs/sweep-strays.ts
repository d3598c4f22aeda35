import { sweepStrays } from "../src/departments/sweep-strays.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

const secondsMax = 240;

/** Looks at every host for what departments left behind; a host that does not answer keeps nobody from the others. */
export async function sweepAllStrays({ db, hosts, log }: WorkerDeps): Promise<void> {
  const signal = AbortSignal.timeout(secondsMax * 1000);
  for (const host of hosts.values()) {
    try {
      const { removed, unknown } = await sweepStrays(db.app, host, signal);
      if (removed.length > 0) log.warn({ host: host.name, removed }, "left-over agents were removed");
      if (unknown.length > 0) log.warn({ host: host.name, unknown }, "things of no department here");
    } catch (err) {
      log.warn({ err, host: host.name }, "could not look for what was left over");
    }
  }
}
