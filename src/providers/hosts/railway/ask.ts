import { setTimeout as sleep } from "node:timers/promises";
import { WaitError } from "../../../errors.ts";
import { RailwayError } from "../../railway/railway-error.ts";
import type { RailwayCall } from "../../railway/railway.ts";
import type { RailwayContext } from "./context.ts";
import type { Place } from "./places.ts";

const triesMax = 4;

/** What is asked about a place: the place itself is not known before a workspace is chosen. */
type About = Pick<Place, "departmentId"> & Partial<Pick<Place, "workspaceId" | "madeAge">>;

/**
 * Makes a call that may be made again: in place where Railway gave no usable answer, later where it does not show yet
 * what was made a moment ago.
 */
export async function ask<T>(
  ctx: RailwayContext,
  about: About,
  { signal }: { signal: AbortSignal },
  send: (call: RailwayCall) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send(callOf(about, signal));
    } catch (error) {
      if (!(error instanceof RailwayError)) throw error;
      if (error.kind === "unseen" && isFresh(ctx, about)) throw notSeenYet(ctx);
      if (!againKinds.has(error.kind)) throw error;
      if (tries === triesMax) throw error.kind === "not_ready" ? notReady(ctx) : error;
      await sleep(pauseMs(ctx) * tries, undefined, { signal });
    }
  }
}

/** What was surely not carried out, the client asks again by itself. */
const againKinds = new Set(["ambiguous", "not_ready"]);

export const callOf = ({ departmentId, workspaceId }: About, signal: AbortSignal): RailwayCall => ({
  holder: departmentId,
  ...(workspaceId !== undefined && { workspaceId }),
  signal,
});

/** Whether something of it was made so lately that Railway may not show it. */
export const isFresh = ({ pace }: RailwayContext, { madeAge }: About) =>
  typeof madeAge === "number" && madeAge < pace.lagSeconds;

export const notSeenYet = ({ pace }: RailwayContext) =>
  new WaitError("railway_not_seen", "Railway does not show yet what was sent to it.", {
    seconds: pace.lagSeconds / 8,
    inLine: false,
  });

const notReady = ({ pace }: RailwayContext) =>
  new WaitError("railway_not_ready", "Railway is still busy with the change before.", {
    seconds: pace.pollSeconds,
    inLine: false,
  });

const pauseMs = ({ pace }: RailwayContext) => Math.min(500, pace.pollSeconds * 50);
