import type { RailwayProject } from "../../railway/railway.ts";
import type { AgentSpec, HostCall } from "../host.ts";
import { ask, callOf, isFresh, notSeenYet } from "./ask.ts";
import { choosePlace } from "./choose-place.ts";
import type { RailwayContext } from "./context.ts";
import { environmentIn } from "./environment-in.ts";
import { listMarked, type MarkedProject } from "./list-marked.ts";
import { markOf, projectName } from "./mark.ts";
import {
  type Place,
  type ProjectPlace,
  hasProject,
  nothingOfService,
  readPlace,
  writePlace,
} from "./places.ts";
import { sendOnce } from "./send-once.ts";

/** A place with a project, and the project as Railway shows it; not asked where it was made a moment ago. */
export interface Located {
  place: ProjectPlace;
  project: RailwayProject | undefined;
}

/**
 * The department's only project: the recorded one, else the one with its mark, else a new one. After a creation whose
 * answer is unknown none is sent again before Railway had the time to show it.
 */
export async function ensureProject(ctx: RailwayContext, spec: AgentSpec, call: HostCall): Promise<Located> {
  const { departmentId } = spec;
  const place = (await readPlace(ctx.sql, departmentId)) ?? (await choosePlace(ctx, departmentId, call));
  if (hasProject(place)) {
    if (isFresh(ctx, place)) return { place, project: undefined };
    const project = await findProject(ctx, place, call.signal);
    if (project) return { place, project };
  } else if (place.projectAge === null) return await createProject(ctx, place, spec, call);
  const marked = await listMarked(ctx, place, call.signal);
  const kept = marked.find(({ id }) => id === place.projectId) ?? marked[0];
  if (kept) return await adopt(ctx, place, kept, call, marked.length);
  if (hasProject(place)) return await createProject(ctx, await forget(ctx, place, call), spec, call);
  if (place.projectAge !== null && place.projectAge < ctx.pace.lagSeconds) throw notSeenYet(ctx);
  return await createProject(ctx, place, spec, call);
}

export function findProject(ctx: RailwayContext, place: ProjectPlace, signal: AbortSignal) {
  return ask(ctx, place, { signal }, (railway) => ctx.client.findProject(place.projectId, railway));
}

/** Where a creation may have happened twice, the department's other projects are deleted. */
export async function removeTwins<P extends ProjectPlace>(
  ctx: RailwayContext,
  place: P,
  call: HostCall,
): Promise<P> {
  if (place.projectSends < 2) return place;
  if ((place.projectAge ?? 0) < ctx.pace.lagSeconds) throw notSeenYet(ctx);
  for (const { id } of await listMarked(ctx, place, call.signal)) {
    if (id === place.projectId) continue;
    await call.fence();
    await ask(ctx, place, call, (railway) => ctx.client.deleteProject(id, "now", railway));
  }
  return await writePlace(ctx, place, call, (tx) => tx`project_sends = 1`);
}

async function createProject(
  ctx: RailwayContext,
  place: Place,
  { slug, departmentId }: AgentSpec,
  call: HostCall,
): Promise<Located> {
  const { environment } = ctx;
  const { place: sent, answer: project } = await sendOnce({
    note: () =>
      writePlace(
        ctx,
        place,
        call,
        (tx) => tx`project_sent_at = clock_timestamp(), project_sends = project_sends + 1`,
      ),
    send: ({ workspaceId }) =>
      ctx.client.createProject(
        {
          workspaceId,
          name: projectName(slug, environment),
          description: markOf(environment, departmentId),
          environmentName: environment,
        },
        callOf(place, call.signal),
      ),
    unnote: (noted) =>
      writePlace(
        ctx,
        noted,
        call,
        (tx) => tx`project_sends = project_sends - 1,
        project_sent_at = clock_timestamp() - make_interval(secs => ${place.projectAge})`,
      ),
    renew: (noted) => writePlace(ctx, noted, call, (tx) => tx`project_sent_at = clock_timestamp()`),
  });
  return await adopt(ctx, sent, project, call);
}

/** Records the project, unless it is already; of several, `removeTwins` deletes the others. */
async function adopt(
  ctx: RailwayContext,
  place: Place,
  project: RailwayProject | MarkedProject,
  call: HostCall,
  sends = 1,
): Promise<Located> {
  if (hasProject(place) && place.projectId === project.id) return { place, project };
  const environmentId = environmentIn(ctx, project);
  const clean = hasProject(place) ? await forget(ctx, place, call) : place;
  const adopted = await writePlace(
    ctx,
    clean,
    call,
    (tx) => tx`project_id = ${project.id}, environment_id = ${environmentId}, made_at = clock_timestamp(),
      project_sends = greatest(${sends}, project_sends), project_sent_at = coalesce(project_sent_at, clock_timestamp())`,
  );
  return { place: { ...adopted, projectId: project.id, environmentId }, project };
}

/** The project is gone, and everything with it. */
function forget(ctx: RailwayContext, place: Place, call: HostCall): Promise<Place> {
  return writePlace(
    ctx,
    place,
    call,
    (tx) => tx`project_id = null, environment_id = null, service_id = null, made_at = null,
      project_sent_at = null, project_sends = 0, ${nothingOfService(tx)}`,
  );
}
