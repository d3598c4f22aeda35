import { type Call, maySeeWorkspace } from "./call.ts";
import type { Project } from "./world.ts";

export interface ProjectFilter {
  workspaceId?: string | null;
  includeDeleted?: boolean | null;
}

/** What the caller may list, oldest first; of one workspace if given. */
export function listProjects(call: Call, { workspaceId, includeDeleted }: ProjectFilter): Project[] {
  const { railway } = call;
  const now = railway.now();
  const listsDeleted = Boolean(includeDeleted) || railway.settings.listsDeleted;
  return [...railway.world.projects.values()].filter(
    (project) =>
      (!workspaceId || project.workspaceId === workspaceId) &&
      maySeeWorkspace(call, project.workspaceId) &&
      project.visibleAt <= now &&
      (project.purgedAt === undefined || project.purgedAt > now) &&
      // One that is scheduled to be deleted is hidden already.
      (project.deletedAt === undefined || listsDeleted),
  );
}
