import type { Sql } from "../db/tx.ts";
import type { Limit } from "./limit.ts";
import { RateLimitedError } from "./rate-limited-error.ts";
import { takeHits } from "./take-hits.ts";

export interface FailedLogins {
  /** Throws 429 for a key that has failed too often from this address, before anything is compared. */
  check(keyId: string, address: string): void;
  /**
   * Counts a failure. Throws 429 from the one on that is too many, for the key there or for the address as a whole;
   * of these only the first of a window is given to `onFirstRefusal`.
   */
  note(keyId: string, address: string, onFirstRefusal?: () => Promise<void>): Promise<void>;
}

interface Block {
  untilMs: number;
  limits: readonly Limit[];
}

const blocksMax = 10_000;

/**
 * Wrong secrets are counted per key and address, and per address, exactly over all processes; a process that was refused
 * remembers it until the window ends. What an address did wrong never stops a right secret of another key: behind a proxy
 * that nobody told us of everybody has one address.
 */
export function createFailedLogins(sql: Sql, now: () => number = () => performance.now()): FailedLogins {
  const blocks = new Map<string, Block>();
  const refuseIfBlocked = (key: string) => {
    const block = blocks.get(key);
    if (!block) return;
    if (block.untilMs > now()) throw new RateLimitedError(block.limits);
    blocks.delete(key);
  };
  return {
    check: (keyId, address) => refuseIfBlocked(`${keyId} ${address}`),
    async note(keyId, address, onFirstRefusal) {
      refuseIfBlocked(address);
      const { refused, refusals, limits } = await takeHits(sql, [
        { kind: "login", key: `${keyId} ${address}` },
        { kind: "address", key: address },
      ]);
      if (refused === null) return;
      if (blocks.size >= blocksMax) blocks.clear();
      const untilMs = now() + (limits[0]?.resetSeconds ?? 1) * 1000;
      blocks.set(refused === "login" ? `${keyId} ${address}` : address, { untilMs, limits });
      if (refusals === 1) await onFirstRefusal?.();
      throw new RateLimitedError(limits);
    },
  };
}
