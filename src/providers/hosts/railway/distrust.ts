import type { HostCall } from "../host.ts";
import type { RailwayContext } from "./context.ts";
import { placeDrift } from "./drift.ts";
import { type ServicedPlace, writePlace } from "./places.ts";
import type { Revision } from "./revision.ts";

/** Of a deployment whose service somebody changed by hand: no revision of ours, so it is deployed anew. */
const changedByHand = "changed by hand";

/**
 * Looks whether a service that is said to be as wanted really is, and forgets what was written down about it where it is
 * not, so that everything is sent and deployed again. Costs two calls, and none where something is to be sent anyway.
 */
export async function distrust(
  ctx: RailwayContext,
  place: ServicedPlace,
  wanted: Revision,
  call: HostCall,
): Promise<ServicedPlace> {
  if (!isSaidToBe(place, wanted)) return place;
  const changes = await placeDrift(ctx, place, wanted, call.signal);
  if (changes.length === 0) return place;
  return await writePlace(
    ctx,
    place,
    call,
    (tx) =>
      tx`variables_hash = null, settings_hash = null, limits_hash = null, running_revision = ${changedByHand}`,
  );
}

const isSaidToBe = (place: ServicedPlace, wanted: Revision): boolean =>
  place.deployAge === null &&
  place.runningRevision === wanted.hash &&
  place.variablesHash === wanted.variablesHash &&
  place.settingsHash === wanted.settingsHash &&
  place.limitsHash === wanted.limitsHash;
