import type { RailwayDeployment } from "../../railway/railway.ts";
import type { AgentHealth } from "../host.ts";
import type { RailwayContext } from "./context.ts";
import { isAlive, isInProgress, isOver, listDeployments } from "./deployments.ts";
import { hasService, readPlace } from "./places.ts";

/** As Railway tells it: it checks a deployment once, before it lets it go live, and sees a process that ends. */
export async function agentHealth(
  ctx: RailwayContext,
  departmentId: string,
  signal: AbortSignal,
): Promise<AgentHealth> {
  const place = await readPlace(ctx.sql, departmentId);
  if (!place || !hasService(place)) return { status: "absent", detail: "Railway holds nothing of it." };
  const listed = await listDeployments(ctx, place, signal);
  const alive = listed.find(isAlive);
  if (alive) return { status: "ready", detail: `The deployment is ${alive.status}.` };
  const coming = listed.find(isInProgress);
  if (coming) return { status: "starting", detail: `The deployment is ${coming.status}.` };
  const last = listed.find((deployment) => deployment.status === "FAILED" || !isOver(deployment));
  if (!last || last.status === "REMOVING") return { status: "absent", detail: "Nothing is deployed." };
  return { status: "unhealthy", detail: detailOf(last) };
}

const detailOf = ({ status, isStopped }: RailwayDeployment) =>
  status === "SUCCESS" && isStopped ? "The agent has ended." : `The deployment is ${status}.`;
