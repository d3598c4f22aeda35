import { GraphQLError } from "graphql";
import { type Call, notAuthorized, type Resolvers } from "../call.ts";
import { endEverything } from "../end-everything.ts";
import { findEnvironment, findInstance, findProject, findService } from "../find.ts";
import { makeService } from "../make-service.ts";
import { variablesFrom } from "../variables-from.ts";
import { type InstanceSettings, isDeleted, type Project, type Service } from "../world.ts";

interface ServiceCreateInput {
  projectId: string;
  name?: string | null;
  icon?: string | null;
  environmentId?: string | null;
  source?: InstanceSettings["source"];
  variables?: unknown;
}

interface Id {
  id: string;
}

const nameLengthMax = 48;

/** Services, whose names are unique in their project; one with a source deploys when it is made. */
export const serviceResolvers = {
  Query: { service: (_: unknown, { id }: Id, call: Call) => findService(call, id, "read") },
  Mutation: {
    serviceCreate(_: unknown, { input }: { input: ServiceCreateInput }, call: Call) {
      const project = findProject(call, input.projectId, "effect");
      if (
        input.environmentId &&
        findEnvironment(call, input.environmentId, "effect").projectId !== project.id
      )
        throw notAuthorized();
      const name = input.name ?? `service-${crypto.randomUUID().slice(0, 8)}`;
      checkName(call, project, name);
      const variables = variablesFrom(input.variables ?? {});
      return makeService(call.railway, project, { ...input, name, source: input.source, variables });
    },
    serviceUpdate(_: unknown, { id, input }: Id & { input: Partial<Service> }, call: Call) {
      const service = findService(call, id, "effect");
      const name = input.name ?? service.name;
      if (name !== service.name) checkName(call, findProject(call, service.projectId, "effect"), name);
      return Object.assign(service, {
        name,
        icon: input.icon === undefined ? service.icon : input.icon,
        updatedAt: call.railway.now(),
      });
    },
    serviceDelete(_: unknown, args: Id & { environmentId?: string | null }, call: Call) {
      const { railway } = call;
      const service = findService(call, args.id, "effect");
      const { environmentId } = args;
      endEverything(
        railway,
        (one) => one.serviceId === service.id && (!environmentId || one.environmentId === environmentId),
      );
      const deleted = environmentId ? findInstance(call, service.id, environmentId, "effect") : service;
      deleted.deletedAt = railway.now();
      return true;
    },
  },
  Service: {
    project: ({ projectId }: Service, _: unknown, { railway }: Call) => railway.world.projects.get(projectId),
  },
} satisfies Resolvers;

function checkName({ railway }: Call, project: Project, name: string): void {
  if (name.trim() === "" || name.length > nameLengthMax) throw new GraphQLError("Invalid service name");
  const isTaken = [...railway.world.services.values()].some(
    (one) => one.projectId === project.id && one.name === name && !isDeleted(one, railway.now()),
  );
  if (isTaken) throw new GraphQLError(`A service named "${name}" already exists in this project`);
}
