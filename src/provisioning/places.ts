import { hostNames } from "../providers/hosts/host.ts";
import type { RunDepartment } from "./run.ts";
import type { JobContext } from "./worker-deps.ts";

/** Where a department's agent runs, and what. */
export type Place = Pick<RunDepartment, "host" | "region" | "release">;

/** The step's context as if the department lived there: what it does on the host, it does on that one. */
export function atPlace(ctx: JobContext, place: Partial<Place>): JobContext {
  return { ...ctx, run: { ...ctx.run, department: { ...ctx.run.department, ...place } } };
}

/** Every host where something of the department is or may be: two of them while it moves. */
export async function presentPlaces(ctx: JobContext): Promise<JobContext[]> {
  const places = await readPlaces(ctx);
  return places.filter(({ gone }) => !gone).map(({ host }) => atPlace(ctx, { host }));
}

/** These, and every host where it ever was and this worker can still look. */
export async function allPlacesEver(ctx: JobContext): Promise<JobContext[]> {
  const places = await readPlaces(ctx);
  return places
    .filter(({ host, gone }) => !gone || ctx.deps.hosts.has(host))
    .map(({ host }) => atPlace(ctx, { host }));
}

/** Does it at each; one that fails does not keep the others from it, its error is thrown afterwards. */
export async function atEach(
  places: readonly JobContext[],
  act: (at: JobContext) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(places.map(act));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** Nothing runs on a host before it is recorded; the run itself may know an older host. */
async function readPlaces({ deps, run }: JobContext): Promise<{ host: string; gone: boolean }[]> {
  return deps.db.app<{ host: string; gone: boolean }[]>`
    select host, bool_and(gone) as gone from (
      select host, false as gone from federation.department where id = ${run.department.id}
      union all
      select provider, deleted_at is not null from federation.resource
        where department_id = ${run.department.id} and provider = any(${[...hostNames]})
    ) place group by host order by host`;
}
