import type { OwnedThing } from "../host.ts";
import { isFresh } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { listMarked } from "./list-marked.ts";
import { hasProject, listPlaces } from "./places.ts";

/** Projects with the mark, wherever the tokens reach, and their services; also those that are not listed yet. */
export async function listThings(
  ctx: RailwayContext,
  of: { departmentId?: string },
  signal: AbortSignal,
): Promise<OwnedThing[]> {
  const marked = await listMarked(ctx, of, signal);
  const places = (await listPlaces(ctx.sql)).filter(
    (place) => isFresh(ctx, place) && (of.departmentId ?? place.departmentId) === place.departmentId,
  );
  const things = [
    ...marked.flatMap(({ id, departmentId, services }) => [
      projectThing(id, departmentId),
      ...services.map((service) => serviceThing(service.id, departmentId)),
    ]),
    ...places
      .filter(hasProject)
      .flatMap(({ projectId, serviceId, departmentId }) => [
        projectThing(projectId, departmentId),
        ...(serviceId === null ? [] : [serviceThing(serviceId, departmentId)]),
      ]),
  ];
  return [...new Map(things.map((thing) => [keyOf(thing), thing])).entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, thing]) => thing);
}

export const projectThing = (externalId: string, departmentId: string): OwnedThing => ({
  kind: "railway_project",
  externalId,
  departmentId,
});
export const serviceThing = (externalId: string, departmentId: string): OwnedThing => ({
  kind: "railway_service",
  externalId,
  departmentId,
});

const keyOf = ({ kind, externalId, departmentId }: OwnedThing) => `${departmentId} ${kind} ${externalId}`;
