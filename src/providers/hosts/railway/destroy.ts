import type { HostCall } from "../host.ts";
import { ask, notSeenYet } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { listMarked } from "./list-marked.ts";
import { deletePlace, hasProject, hasService, type Place, readPlace } from "./places.ts";
import { stopAgent } from "./stop.ts";

/** Deletes every project with the department's mark, wherever the tokens reach, then its row. */
export async function destroyAgent(ctx: RailwayContext, departmentId: string, call: HostCall): Promise<void> {
  const place = await readPlace(ctx.sql, departmentId);
  if (place) await call.fence();
  if (place && ctx.deletes === "scheduled") await emptyService(ctx, departmentId, call);
  for (const { id, workspaceId } of await listLeft(ctx, departmentId, place, call)) {
    await call.fence();
    await ask(ctx, { departmentId, workspaceId }, call, (railway) =>
      ctx.client.deleteProject(id, ctx.deletes, railway),
    );
  }
  if ((await listMarked(ctx, { departmentId }, call.signal)).length > 0) throw notSeenYet(ctx);
  const left = await readPlace(ctx.sql, departmentId);
  if (left) await deletePlace(ctx, left, call);
}

/** What is kept for 48 hours neither runs nor holds keys meanwhile. */
async function emptyService(ctx: RailwayContext, departmentId: string, call: HostCall): Promise<void> {
  await stopAgent(ctx, departmentId, call);
  const place = await readPlace(ctx.sql, departmentId);
  if (!place || !hasService(place)) return;
  await call.fence();
  await ask(ctx, place, call, (railway) => ctx.client.setVariables(place, {}, railway));
}

/** Also what is not listed yet. */
async function listLeft(
  ctx: RailwayContext,
  departmentId: string,
  place: Place | undefined,
  { signal }: HostCall,
): Promise<{ id: string; workspaceId: string }[]> {
  const marked = await listMarked(ctx, { departmentId }, signal);
  if (!place) return marked;
  const { workspaceId, projectAge, projectSends } = place;
  const isKnown = hasProject(place) && projectSends < 2;
  if (projectAge !== null && projectAge < ctx.pace.lagSeconds && !isKnown) throw notSeenYet(ctx);
  if (!hasProject(place) || marked.some(({ id }) => id === place.projectId)) return marked;
  return [...marked, { id: place.projectId, workspaceId }];
}
