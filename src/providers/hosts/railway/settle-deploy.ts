import { FederationError, WaitError } from "../../../errors.ts";
import type { RailwayDeployment } from "../../railway/railway.ts";
import type { HostCall } from "../host.ts";
import { notSeenYet } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import {
  endDeploy,
  findDeployment,
  isAlive,
  isInProgress,
  promoteDeploy,
  removeDeployment,
} from "./deployments.ts";
import type { ServicedPlace } from "./places.ts";

/** Writes down how the deploy that is under way ended. Throws as `deployAgent`. */
export async function settleDeploy(
  ctx: RailwayContext,
  place: ServicedPlace,
  call: HostCall,
): Promise<ServicedPlace> {
  const { deployAge, deploymentId } = place;
  if (deployAge === null || deploymentId === null) return place;
  const deployment = await findDeployment(ctx, place, deploymentId, call.signal);
  if (!deployment && deployAge < ctx.pace.lagSeconds) throw notSeenYet(ctx);
  if (deployment && isAlive(deployment)) return await promoteDeploy(ctx, place, call);
  if (deployment?.status === "NEEDS_APPROVAL") throw needsApproval(deployment);
  if (!deployment || deployment.status === "REMOVED" || deployment.status === "REMOVING") {
    await endDeploy(ctx, place, call);
    throw removedMeanwhile();
  }
  if (isInProgress(deployment)) {
    if (deployAge < ctx.pace.deploySecondsMax) throw starting(ctx);
    await removeDeployment(ctx, place, deploymentId, call);
  }
  await endDeploy(ctx, place, call);
  throw (await othersRun(ctx, place, call)) ? rolledBack(deployment) : notStarted(deployment);
}

/** Whether what ran before the deploy still does. */
async function othersRun(ctx: RailwayContext, place: ServicedPlace, { signal }: HostCall): Promise<boolean> {
  const { runningDeploymentId: id } = place;
  return id !== null && id !== place.deploymentId && isAlive(await findDeployment(ctx, place, id, signal));
}

export const starting = ({ pace }: RailwayContext) =>
  new WaitError("agent_starting", "Railway starts the agent.", { seconds: pace.pollSeconds, inLine: false });

const why = ({ id, status }: RailwayDeployment) => ({ cause: `the deployment ${id} is ${status}` });

const rolledBack = (deployment: RailwayDeployment) =>
  new FederationError(
    "agent_rolled_back",
    "The new agent did not become healthy; the one of before still runs.",
    {
      status: 409,
      ...why(deployment),
    },
  );
const notStarted = (deployment: RailwayDeployment) =>
  new FederationError("agent_not_started", "The agent did not become healthy in time.", {
    status: 503,
    retryable: true,
    ...why(deployment),
  });
const needsApproval = (deployment: RailwayDeployment) =>
  new FederationError(
    "agent_needs_approval",
    "Railway waits for somebody to approve the deployment; approve it there, then retry.",
    { status: 409, ...why(deployment) },
  );
const removedMeanwhile = () =>
  new FederationError("agent_stopped", "The agent's deployment was removed while it started.", {
    status: 409,
  });
