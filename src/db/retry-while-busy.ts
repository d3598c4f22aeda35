import { setTimeout as sleep } from "node:timers/promises";

/** lock_not_available, deadlock_detected */
const busyCodes = new Set(["55P03", "40P01"]);
const forMs = 15_000;
const pauseMs = 20;

/**
 * Runs a transaction again while it fails only because somebody else holds what it needs, for up to 15 s; then the
 * failure is the caller's. Only for what must happen, whoever is in the way.
 */
export async function retryWhileBusy<T>(run: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + forMs;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isBusy(error) || performance.now() > untilMs) throw error;
      await sleep(pauseMs);
    }
  }
}

/** Also when it was wrapped: an audit trail that cannot be written has the reason as its cause. */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && busyCodes.has(String(error.code))) || isBusy(error.cause);
}
