import { compareSetting, compareVariables, serviceMissing } from "../compare-agents.ts";
import type { AgentSpec, HostChange } from "../host.ts";
import { ask } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { hasService, readPlace, type ServicedPlace } from "./places.ts";
import { type Revision, revisionOf } from "./revision.ts";

/** The service's variables and settings as Railway has them, in two calls. Its limits are not compared. */
export async function agentDrift(
  ctx: RailwayContext,
  spec: AgentSpec,
  signal: AbortSignal,
): Promise<HostChange[]> {
  const place = await readPlace(ctx.sql, spec.departmentId);
  if (!place || !hasService(place)) return serviceMissing;
  return await placeDrift(ctx, place, revisionOf(spec), signal);
}

/** As `agentDrift`, of a place that is known. */
export async function placeDrift(
  ctx: RailwayContext,
  place: ServicedPlace,
  { variables, settings }: Pick<Revision, "variables" | "settings">,
  signal: AbortSignal,
): Promise<HostChange[]> {
  const found = await ask(ctx, place, { signal }, (call) => ctx.client.readVariables(place, call));
  const instance = await ask(ctx, place, { signal }, (call) => ctx.client.findServiceInstance(place, call));
  if (!found || !instance) return serviceMissing;
  const { source, numReplicas, region, healthcheckPath } = settings;
  return [
    ...compareVariables(variables, withoutRailways(found, variables)),
    ...(source ? compareSetting("image", "image", source.image, instance.image) : []),
    ...(numReplicas === undefined
      ? []
      : compareSetting("replicas", "replicas", numReplicas, instance.numReplicas)),
    ...(region === undefined ? [] : compareSetting("region", "region", region, instance.region)),
    ...(healthcheckPath === undefined
      ? []
      : compareSetting("service", "health check", healthcheckPath, instance.healthcheckPath)),
  ];
}

/** What Railway itself adds is nobody's change. */
const withoutRailways = (found: Record<string, string>, wanted: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(found).filter(([name]) => name in wanted || !name.startsWith("RAILWAY_")),
  );
