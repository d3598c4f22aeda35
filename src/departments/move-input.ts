import { z } from "zod";
import type { JsonObject } from "../json.ts";
import type { Place } from "../provisioning/places.ts";
import { hostNames } from "../providers/hosts/host.ts";

/** What a run of the kind `move` is told: both places whole, because the department's row changes on the way. */
const moveInput = z.object({
  from: z.enum(hostNames),
  to: z.enum(hostNames),
  region_before: z.string().nullable(),
  region: z.string().nullable(),
  release_before: z.string(),
  release: z.string(),
});

export interface Move {
  from: Place;
  to: Place;
}

export function writeMove({ from, to }: Move): JsonObject {
  const before = { from: from.host, region_before: from.region, release_before: from.release };
  // A failed move is taken back at once: nobody pays for two places while somebody looks.
  return { ...before, to: to.host, region: to.region, release: to.release, failure_hold_minutes: 0 };
}

export function readMove(input: JsonObject): Move {
  const move = moveInput.parse(input);
  return {
    from: { host: move.from, region: move.region_before, release: move.release_before },
    to: { host: move.to, region: move.region, release: move.release },
  };
}
