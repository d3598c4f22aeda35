import { createHash } from "node:crypto";
import type { CallBudget } from "../../call-budgets/call-budgets.ts";
import type { Secret } from "../../crypto/secret.ts";
import type { RailwayPace } from "./pace.ts";

/** What every call of a token takes one of. */
export interface TokenLimits {
  hour: CallBudget;
  second: CallBudget;
}

/** The budgets of a token, shared by all who have it; its name is a hash, which tells nobody the token. */
export function limitsOf(token: Secret<string>, pace: RailwayPace): TokenLimits {
  const name = `railway:${createHash("sha256").update(token.reveal()).digest("hex").slice(0, 12)}`;
  return {
    // Most of an hour's calls may come at once, as when a hundred departments start. The air is for calls that were
    // taken at the end of one hour and arrive in the next.
    hour: windowBudget(`${name}:hour`, pace.callsPerHour, pace.hourSeconds, { air: 0.02, atOnce: 0.8 }),
    // More air, since what was taken over more than a second may arrive within one.
    second: {
      ...windowBudget(`${name}:second`, pace.callsPerSecond, pace.secondSeconds, { air: 0.2, atOnce: 0.5 }),
      // Where a hundred begin at once, the first end early; all side by side would all end late.
      keepsPlace: true,
    },
  };
}

/** The line of a workspace's new projects. */
export function creationLine(workspaceId: string, pace: RailwayPace): CallBudget {
  const perSecond = 1 / pace.createEverySeconds;
  return { name: `railway:workspace:${workspaceId}:projects`, capacity: 1, perSecond, keepsPlace: true };
}

/**
 * Wherever a window begins, it has at most what may go at once and what comes back within it. So their sum is the limit,
 * less some air; either alone as large as the limit would let twice as many through.
 */
function windowBudget(
  name: string,
  limit: number,
  seconds: number,
  { air, atOnce }: { air: number; atOnce: number },
): CallBudget {
  const usable = limit * (1 - air);
  const capacity = Math.max(1, usable * atOnce);
  return { name, capacity, perSecond: (usable - capacity) / seconds, keepsPlace: false };
}
