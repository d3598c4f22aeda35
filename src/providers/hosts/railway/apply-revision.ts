import type { HostCall } from "../host.ts";
import { ask } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { type ServicedPlace, writePlace } from "./places.ts";
import type { Revision } from "./revision.ts";

/** All variables in one call, for the next deploy: what runs keeps its own. */
export async function applyVariables(
  ctx: RailwayContext,
  place: ServicedPlace,
  { variables, variablesHash }: Revision,
  call: HostCall,
): Promise<ServicedPlace> {
  if (place.variablesHash === variablesHash) return place;
  const unknown = await writePlace(ctx, place, call, (tx) => tx`variables_hash = null`);
  await ask(ctx, place, call, (railway) => ctx.client.setVariables(place, variables, railway));
  return await writePlace(ctx, unknown, call, (tx) => tx`variables_hash = ${variablesHash}`);
}

/** Image, health check and limits of the next deploy, where the service has others. */
export async function applySettings(
  ctx: RailwayContext,
  place: ServicedPlace,
  { settings, settingsHash, limits, limitsHash }: Revision,
  call: HostCall,
): Promise<ServicedPlace> {
  let applied = place;
  if (applied.settingsHash !== settingsHash) {
    applied = await writePlace(ctx, applied, call, (tx) => tx`settings_hash = null`);
    await ask(ctx, place, call, (railway) => ctx.client.updateServiceInstance(place, settings, railway));
    applied = await writePlace(ctx, applied, call, (tx) => tx`settings_hash = ${settingsHash}`);
  }
  if (applied.limitsHash !== limitsHash) {
    applied = await writePlace(ctx, applied, call, (tx) => tx`limits_hash = null`);
    await ask(ctx, place, call, (railway) => ctx.client.setLimits(place, limits, railway));
    applied = await writePlace(ctx, applied, call, (tx) => tx`limits_hash = ${limitsHash}`);
  }
  return applied;
}
