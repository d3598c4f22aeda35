export type OpeningOrder = ReturnType<typeof createOpeningOrder>;

/**
 * Lets the connections of a pool that are being opened fail in the order in which they began. When a later one fails
 * first, the driver keeps a `reserve()` that nobody waits for any more, and the next connection is lost to it.
 */
export function createOpeningOrder() {
  const openings = new Map<object, (() => void) | undefined>();
  const advance = () => {
    for (const [opening, tell] of openings) {
      if (!tell) return;
      openings.delete(opening);
      tell();
    }
  };
  return {
    begin(opening: object): void {
      openings.set(opening, undefined);
    },
    /** It is open, or nobody has to be told. */
    leave(opening: object): void {
      if (openings.delete(opening)) advance();
    },
    /** Calls `tell` once all that began earlier are open or have failed; at once for one that is not being opened. */
    fail(opening: object, tell: () => void): void {
      if (!openings.has(opening)) return tell();
      openings.set(opening, tell);
      advance();
    },
  };
}
