import { setTimeout as sleep } from "node:timers/promises";

export type Openings = ReturnType<typeof createOpenings>;

const pauseMs = 100;

/**
 * The connections of a pool that are being opened. They fail in the order in which they began: when a later one fails
 * first, the driver keeps a `reserve()` that nobody waits for any more, and the next connection is lost to it.
 */
export function createOpenings() {
  const openings = new Map<object, (() => void) | undefined>();
  let failedAtMs = Number.NEGATIVE_INFINITY;

  function advance() {
    for (const [opening, tell] of openings) {
      if (!tell) return;
      openings.delete(opening);
      tell();
    }
  }

  return {
    /** Resolves when it may connect: 0.1 to 0.3 s after another one has failed. */
    async enter(opening: object, signal: AbortSignal): Promise<void> {
      openings.set(opening, undefined);
      const leftMs = failedAtMs + pauseMs * (1 + 2 * Math.random()) - performance.now();
      if (leftMs > 0) await sleep(leftMs, undefined, { signal });
    },
    /** It is open, or nobody has to be told. */
    leave(opening: object): void {
      if (openings.delete(opening)) advance();
    },
    /** Calls `tell` once all that began earlier are open or have failed; at once for one that is open. */
    fail(opening: object, tell: () => void): void {
      if (!openings.has(opening)) return tell();
      failedAtMs = performance.now();
      openings.set(opening, tell);
      advance();
    },
  };
}
