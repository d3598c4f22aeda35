import { setTimeout as sleep } from "node:timers/promises";
import { FederationError } from "../../../errors.ts";
import { RailwayError } from "../../railway/railway-error.ts";
import type { AgentSpec, HostCall } from "../host.ts";
import { ask, isFresh } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { nothingOfService, type ProjectPlace, type ServicedPlace, writePlace } from "./places.ts";
import { ensureProject, findProject, type Located, removeTwins } from "./projects.ts";

/** Also its name on the project's private network. */
export const serviceName = "agent";

/** The project's service, without a source: nothing runs before the first deploy. Its name is unique in a project. */
export async function ensureService(
  ctx: RailwayContext,
  spec: AgentSpec,
  call: HostCall,
): Promise<ServicedPlace> {
  const located = await ensureProject(ctx, spec, call);
  const place = await removeTwins(ctx, located.place, call);
  const { serviceId } = place;
  if (serviceId !== null && (isFresh(ctx, place) || idIn(located, serviceId))) return { ...place, serviceId };
  const found = located.project?.services.find(({ name }) => name === serviceName);
  if (found) return await record(ctx, place, found.id, call);
  await call.fence();
  return await record(ctx, place, await createService(ctx, place, call), call);
}

const idIn = ({ project }: Located, serviceId: string) =>
  project?.services.some(({ id }) => id === serviceId) ?? false;

async function createService(ctx: RailwayContext, place: ProjectPlace, call: HostCall): Promise<string> {
  const { projectId, environmentId } = place;
  const input = { projectId, environmentId, name: serviceName };
  try {
    return (await ask(ctx, place, call, (railway) => ctx.client.createService(input, railway))).id;
  } catch (error) {
    if (!(error instanceof RailwayError) || error.kind !== "exists") throw error;
    return await untilShown(ctx, place, call);
  }
}

/** Its creation was answered to nobody: Railway shows it after a while. */
async function untilShown(ctx: RailwayContext, place: ProjectPlace, { signal }: HostCall): Promise<string> {
  const looks = 10;
  for (let look = 0; look < looks; look++) {
    const project = await findProject(ctx, place, signal);
    const found = project?.services.find(({ name }) => name === serviceName);
    if (found) return found.id;
    await sleep((ctx.pace.lagSeconds * 1200) / looks, undefined, { signal });
  }
  const message = "Railway says that the project has a service, but does not show it.";
  throw new FederationError("railway_not_seen", message, { status: 503, retryable: true });
}

function record(
  ctx: RailwayContext,
  place: ProjectPlace,
  serviceId: string,
  call: HostCall,
): Promise<ServicedPlace> {
  return writePlace<ProjectPlace>(
    ctx,
    place,
    call,
    (tx) => tx`service_id = ${serviceId}, made_at = clock_timestamp(), ${nothingOfService(tx)}`,
  ).then((recorded) => ({ ...recorded, serviceId }));
}
