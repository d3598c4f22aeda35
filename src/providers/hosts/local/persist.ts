import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

const pauseMs = 500;

/** Tries at least once, until it works or the signal aborts (then undefined); says so once, not at every try. */
export async function persist<T>(what: string, work: () => Promise<T>, signal: AbortSignal, log: Logger) {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (err) {
      if (tries === 0) log.warn({ err }, `${what} failed, trying on`);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return undefined;
  }
}
