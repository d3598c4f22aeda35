import type { RailwayDeployment } from "../../railway/railway.ts";
import type { HostCall } from "../host.ts";
import { callOf } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { isInProgress, listDeployments } from "./deployments.ts";
import { hasService, readPlace } from "./places.ts";

/**
 * Has Railway start the processes of what runs, or crashed, anew. Sent once: where its answer is lost it may have been
 * carried out, and a second one would end the agent that has just begun. Nothing where an agent is about to start.
 */
export async function restartAgent(ctx: RailwayContext, departmentId: string, call: HostCall): Promise<void> {
  const place = await readPlace(ctx.sql, departmentId);
  if (!place || !hasService(place) || place.isStopped) return;
  const listed = await listDeployments(ctx, place, call.signal);
  const current = listed.find((deployment) => hasRun(deployment) || isInProgress(deployment));
  if (!current || isInProgress(current)) return;
  await call.fence();
  await ctx.client.restartDeployment(current.id, callOf(place, call.signal));
}

/** Live at least once, and not taken off since. */
const hasRun = ({ status }: RailwayDeployment) =>
  status === "SUCCESS" || status === "SLEEPING" || status === "CRASHED";
