import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

const everyMs = 5000;

/**
 * Puts the containers of DOCKER_ATTACH into every department's network again: one that was made anew is in none of them.
 * Every worker does it; twice is harmless.
 */
export function attachContainers({ hosts, log }: WorkerDeps): { close(): void } {
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    for (const host of hosts.values()) {
      try {
        await host.reattach?.(AbortSignal.timeout(everyMs * 2));
      } catch (err) {
        log.warn({ err, host: host.name }, "could not attach to the departments' networks");
      }
    }
    looking = false;
  };
  const timer = setInterval(() => void look(), everyMs);
  return { close: () => clearInterval(timer) };
}
