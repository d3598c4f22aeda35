import type { RailwayDeployment } from "../../railway/railway.ts";
import type { HostCall } from "../host.ts";
import { ask, notSeenYet } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { type ServicedPlace, writePlace } from "./places.ts";

/** More than one deploy leaves behind; older ones are over. */
const newestMax = 20;

export function listDeployments(ctx: RailwayContext, place: ServicedPlace, signal: AbortSignal) {
  return ask(ctx, place, { signal }, (call) => ctx.client.listDeployments(place, newestMax, call));
}

export function findDeployment(ctx: RailwayContext, place: ServicedPlace, id: string, signal: AbortSignal) {
  return ask(ctx, place, { signal }, (call) => ctx.client.findDeployment(id, call));
}

export async function removeDeployment(
  ctx: RailwayContext,
  place: ServicedPlace,
  id: string,
  call: HostCall,
) {
  await call.fence();
  await ask(ctx, place, call, (railway) => ctx.client.removeDeployment(id, railway));
}

/**
 * Finds which deployment the deploy became whose answer is unknown. One that does not show after all the time it had
 * was not carried out, and is no longer under way.
 */
export async function identifyDeploy(
  ctx: RailwayContext,
  place: ServicedPlace,
  call: HostCall,
): Promise<ServicedPlace> {
  if (place.deployAge === null || place.deploymentId !== null) return place;
  const listed = await listDeployments(ctx, place, call.signal);
  const fresh = listed.find(({ id }) => !place.deployKnown.includes(id));
  if (fresh) return await writePlace(ctx, place, call, (tx) => tx`deployment_id = ${fresh.id}`);
  if (place.deployAge < ctx.pace.lagSeconds) throw notSeenYet(ctx);
  return await endDeploy(ctx, place, call);
}

/** The deploy is over, and nothing runs because of it. */
export const endDeploy = (ctx: RailwayContext, place: ServicedPlace, call: HostCall) =>
  writePlace(ctx, place, call, (tx) => tx`deploy_sent_at = null`);

/** What the deploy made runs; what ran before can be gone back to. */
export const promoteDeploy = (ctx: RailwayContext, place: ServicedPlace, call: HostCall) =>
  writePlace(
    ctx,
    place,
    call,
    (tx) => tx`deploy_sent_at = null,
      previous_revision = case when running_revision = deploy_revision then previous_revision else running_revision end,
      previous_deployment_id =
        case when running_revision = deploy_revision then previous_deployment_id else running_deployment_id end,
      running_revision = deploy_revision, running_deployment_id = deployment_id`,
  );

export const isAlive = (deployment: RailwayDeployment | undefined): boolean =>
  deployment !== undefined &&
  (deployment.status === "SUCCESS" || deployment.status === "SLEEPING") &&
  !deployment.isStopped;

const inProgress = new Set(["QUEUED", "INITIALIZING", "BUILDING", "DEPLOYING", "WAITING"]);
export const isInProgress = ({ status }: RailwayDeployment) => inProgress.has(status);

/** It holds nothing any more. */
const over = new Set(["REMOVED", "FAILED", "SKIPPED"]);
export const isOver = ({ status }: RailwayDeployment) => over.has(status);
