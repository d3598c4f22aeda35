import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

const pauseMs = 500;
const trySeconds = 3;

/**
 * Tries at least once, until it works or the signal aborts (then undefined); says so once, not at every try.
 * A try that does not end counts as failed: a query can be lost together with its connection.
 */
export async function persist<T>(what: string, work: () => Promise<T>, signal: AbortSignal, log: Logger) {
  for (let tries = 0; ; tries++) {
    try {
      return await inTime(work());
    } catch (err) {
      if (tries === 0) log.warn({ err }, `${what} failed, trying on`);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return undefined;
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), trySeconds * 1000);
  return await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
