import type { RailwayProject } from "../../railway/railway.ts";
import { ask } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { ownerOf } from "./mark.ts";

export interface MarkedProject extends RailwayProject {
  departmentId: string;
  workspaceId: string;
}

/**
 * Projects that bear this environment's mark, oldest first: of one department, of one workspace, or of all that the
 * tokens reach. `mayBeOld`: as old as what Railway shows may be anyway.
 */
export async function listMarked(
  ctx: RailwayContext,
  of: { departmentId?: string; workspaceId?: string; mayBeOld?: boolean },
  signal: AbortSignal,
): Promise<MarkedProject[]> {
  const about = { departmentId: of.departmentId ?? sweeper };
  const workspaces =
    of.workspaceId === undefined
      ? (await ask(ctx, about, { signal }, (call) => ctx.client.listWorkspaces(call))).map(({ id }) => id)
      : [of.workspaceId];
  const marked: MarkedProject[] = [];
  for (const workspaceId of workspaces) {
    const list = (ending: AbortSignal) =>
      ask(ctx, { ...about, workspaceId }, { signal: ending }, (call) =>
        ctx.client.listProjects(workspaceId, call),
      );
    const projects = await (of.mayBeOld ? ctx.lists.recent(workspaceId, list, signal) : list(signal));
    for (const project of projects) {
      const departmentId = ownerOf(ctx.environment, project.description);
      if (departmentId === undefined || (of.departmentId ?? departmentId) !== departmentId) continue;
      marked.push({ ...project, departmentId, workspaceId });
    }
  }
  return marked.toSorted((one, other) => (ageKey(one) < ageKey(other) ? -1 : 1));
}

/** Stands in line where nobody's department does. */
const sweeper = "federation";

const ageKey = ({ createdAt, id }: RailwayProject) => `${createdAt} ${id}`;
