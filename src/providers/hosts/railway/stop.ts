import { WaitError } from "../../../errors.ts";
import { RailwayError } from "../../railway/railway-error.ts";
import type { RailwayDeployment } from "../../railway/railway.ts";
import type { HostCall } from "../host.ts";
import type { RailwayContext } from "./context.ts";
import { findDeployment, identifyDeploy, isOver, listDeployments, removeDeployment } from "./deployments.ts";
import { listMarked } from "./list-marked.ts";
import { hasService, readPlace, type ServicedPlace, writePlace } from "./places.ts";

/**
 * Takes every deployment off and waits until none is left; project and service stay. A deploy that is under way then
 * ends as `agent_stopped`. Throws a WaitError while conversations end.
 */
export async function stopAgent(ctx: RailwayContext, departmentId: string, call: HostCall): Promise<void> {
  const found = await readPlace(ctx.sql, departmentId);
  if (!found || !hasService(found)) return;
  let place = found.isStopped
    ? found
    : await writePlace(ctx, found, call, (tx) => tx`stopped_at = clock_timestamp()`);
  await call.fence();
  place = await identifyDeploy(ctx, place, call);
  const running = await listRunning(ctx, place, call);
  const removed = running.filter(({ status }) => status !== "REMOVING");
  for (const { id } of removed) await removeDeployment(ctx, place, id, call);
  const left = removed.length > 0 ? await listRunning(ctx, place, call) : running;
  if (left.length > 0) throw stopping(ctx);
  await writePlace(
    ctx,
    place,
    call,
    (tx) => tx`deploy_sent_at = null, running_revision = null, running_deployment_id = null,
      previous_revision = null, previous_deployment_id = null`,
  );
}

async function listRunning(
  ctx: RailwayContext,
  place: ServicedPlace,
  call: HostCall,
): Promise<RailwayDeployment[]> {
  const listed = await listDeployments(ctx, place, call.signal).catch(async (error: unknown) => {
    if (await isGone(ctx, place, error, call)) return [];
    throw error;
  });
  const { deployAge, deploymentId: id } = place;
  const hidden =
    deployAge !== null && id !== null && !listed.some((one) => one.id === id)
      ? await hiddenDeployment(ctx, place, id, call)
      : [];
  return [...hidden, ...listed].filter((deployment) => !isOver(deployment));
}

/** One that was sent a moment ago may neither be listed nor found: it can be removed all the same. */
async function hiddenDeployment(ctx: RailwayContext, place: ServicedPlace, id: string, call: HostCall) {
  const found = await findDeployment(ctx, place, id, call.signal);
  if (found) return [found];
  if ((place.deployAge ?? 0) >= ctx.pace.lagSeconds) return [];
  return [{ id, status: "QUEUED" as const, createdAt: "", isStopped: false, canRollback: false }];
}

/** Somebody deleted the project: its workspace is ours to list, and lacks it. */
async function isGone(ctx: RailwayContext, place: ServicedPlace, error: unknown, { signal }: HostCall) {
  if (!(error instanceof RailwayError) || error.kind !== "unseen") return false;
  const marked = await listMarked(ctx, place, signal);
  return !marked.some(({ id }) => id === place.projectId);
}

const stopping = ({ pace }: RailwayContext) =>
  new WaitError("agent_stopping", "The agent's conversations end.", {
    seconds: pace.pollSeconds,
    inLine: false,
  });
