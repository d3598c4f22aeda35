import { FederationError } from "../../../errors.ts";
import { RailwayError } from "../../railway/railway-error.ts";
import type { AgentSpec, HostCall } from "../host.ts";
import { applySettings, applyVariables } from "./apply-revision.ts";
import { callOf } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import {
  endDeploy,
  findDeployment,
  identifyDeploy,
  isAlive,
  listDeployments,
  promoteDeploy,
  removeDeployment,
} from "./deployments.ts";
import { ensureDomain } from "./domain.ts";
import { type ServicedPlace, servicedPlace, writePlace } from "./places.ts";
import { removeTwins } from "./projects.ts";
import { type Revision, revisionOf } from "./revision.ts";
import { sendOnce } from "./send-once.ts";
import { settleDeploy, starting } from "./settle-deploy.ts";

/**
 * Makes the agent what the spec says, with one deployment for each revision, or none where it runs already. Throws a
 * WaitError while Railway is at work, `agent_rolled_back`, and retryable `agent_not_started` where nothing else runs.
 */
export async function deployAgent(
  ctx: RailwayContext,
  spec: AgentSpec,
  call: HostCall,
): Promise<{ url: string }> {
  const found = await servicedPlace(ctx.sql, spec.departmentId);
  if (found.isStopped && found.deployKey === call.idempotencyKey) throw stoppedMeanwhile();
  const wanted = revisionOf(spec);
  let place = await removeTwins(ctx, found, call);
  place = await identifyDeploy(ctx, place, call);
  if (place.deployAge !== null && place.deployRevision !== wanted.hash)
    place = await withdraw(ctx, place, call);
  place = await applyVariables(ctx, place, wanted, call);
  place = await applySettings(ctx, place, wanted, call);
  if (place.deployAge === null && !(await runsAlready(ctx, place, wanted, call))) {
    await send(ctx, place, wanted, call);
    throw starting(ctx);
  }
  place = await settleDeploy(ctx, place, call);
  return { url: await ensureDomain(ctx, place, call) };
}

async function runsAlready(ctx: RailwayContext, place: ServicedPlace, { hash }: Revision, call: HostCall) {
  const { runningRevision, runningDeploymentId } = place;
  if (runningRevision !== hash || runningDeploymentId === null) return false;
  return isAlive(await findDeployment(ctx, place, runningDeploymentId, call.signal));
}

/** Another revision is under way that nobody wants any more. */
async function withdraw(ctx: RailwayContext, place: ServicedPlace, call: HostCall): Promise<ServicedPlace> {
  const { deploymentId } = place;
  if (deploymentId === null) return await endDeploy(ctx, place, call);
  // What it replaced is gone: it stays until its successor is there.
  if (isAlive(await findDeployment(ctx, place, deploymentId, call.signal)))
    return await promoteDeploy(ctx, place, call);
  await removeDeployment(ctx, place, deploymentId, call);
  return await endDeploy(ctx, place, call);
}

/** Going back to the revision of before is running its deployment again, where Railway still has it. */
async function send(
  ctx: RailwayContext,
  place: ServicedPlace,
  wanted: Revision,
  call: HostCall,
): Promise<ServicedPlace> {
  const { previousRevision, previousDeploymentId: previous } = place;
  if (previous === null || previousRevision !== wanted.hash)
    return await deployOnce(ctx, place, wanted, call);
  const found = await findDeployment(ctx, place, previous, call.signal);
  if (!found?.canRollback) return await deployOnce(ctx, place, wanted, call);
  try {
    return await sendDeploy(ctx, place, wanted, call, async () => {
      await ctx.client.rollbackDeployment(previous, callOf(place, call.signal));
      return null;
    });
  } catch (error) {
    if (!(error instanceof RailwayError) || (error.kind !== "refused" && error.kind !== "unseen"))
      throw error;
    return await deployOnce(ctx, await servicedPlace(ctx.sql, place.departmentId), wanted, call);
  }
}

const deployOnce = (ctx: RailwayContext, place: ServicedPlace, wanted: Revision, call: HostCall) =>
  sendDeploy(ctx, place, wanted, call, () => ctx.client.deploy(place, callOf(place, call.signal)));

/** `request` answers the deployment's id, or null where Railway does not say it. */
async function sendDeploy(
  ctx: RailwayContext,
  place: ServicedPlace,
  { hash }: Revision,
  call: HostCall,
  request: () => Promise<string | null>,
): Promise<ServicedPlace> {
  const known = await knownDeployments(ctx, place, call);
  const { place: sent, answer } = await sendOnce({
    note: () =>
      writePlace(
        ctx,
        place,
        call,
        (tx) => tx`deploy_sent_at = clock_timestamp(), deploy_revision = ${hash}, deploy_known = ${known},
          deploy_key = ${call.idempotencyKey}, deployment_id = null, stopped_at = null`,
      ),
    send: request,
    unnote: (noted) => endDeploy(ctx, noted, call),
    renew: (noted) => writePlace(ctx, noted, call, (tx) => tx`deploy_sent_at = clock_timestamp()`),
  });
  if (answer === null) return sent;
  return await writePlace(ctx, sent, call, (tx) => tx`deployment_id = ${answer}`);
}

/** Also those which Railway may not list yet. */
async function knownDeployments(ctx: RailwayContext, place: ServicedPlace, { signal }: HostCall) {
  const listed = await listDeployments(ctx, place, signal);
  const recorded = [place.deploymentId, place.runningDeploymentId, place.previousDeploymentId];
  return [...new Set([...listed.map(({ id }) => id), ...recorded.filter((id) => id !== null)])];
}

const stoppedMeanwhile = () =>
  new FederationError("agent_stopped", "The agent was stopped while it started.", { status: 409 });
