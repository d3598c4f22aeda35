import { GraphQLError } from "graphql";
import { type Call, notAuthorized, refuseProjectToken, type Resolvers } from "../call.ts";
import { passCooldown } from "../cooldowns.ts";
import { endEverything } from "../end-everything.ts";
import { findEnvironment, findProject } from "../find.ts";
import { makeEnvironment } from "../make-environment.ts";
import { makeInstance } from "../make-service.ts";
import { pageOf, type Paging } from "../page-of.ts";
import { type Environment, isDeleted, isListed } from "../world.ts";

interface EnvironmentCreateInput {
  projectId: string;
  name: string;
  ephemeral?: boolean | null;
  sourceEnvironmentId?: string | null;
}

/** Environments of a project, of which one user makes no two within 30 seconds. */
export const environmentResolvers = {
  Query: {
    environment(_: unknown, { id, projectId }: { id: string; projectId?: string | null }, call: Call) {
      const environment = findEnvironment(call, id, "read");
      if (projectId && projectId !== environment.projectId) throw notAuthorized();
      return environment;
    },
    environments(_: unknown, args: Paging & { projectId: string; isEphemeral?: boolean | null }, call: Call) {
      const { id } = findProject(call, args.projectId, "read");
      const { isEphemeral = null } = args;
      const all = [...call.railway.world.environments.values()].filter(
        (one) => one.projectId === id && isListed(one, call.railway.now()),
      );
      return pageOf(isEphemeral === null ? all : all.filter((one) => one.isEphemeral === isEphemeral), args);
    },
  },
  Mutation: {
    environmentCreate,
    environmentDelete(_: unknown, { id }: { id: string }, call: Call) {
      const environment = findEnvironment(call, id, "effect");
      endEverything(call.railway, ({ environmentId }) => environmentId === id);
      environment.deletedAt = call.railway.now();
      return true;
    },
  },
  Environment: {
    serviceInstances: ({ id }: Environment, args: Paging, { railway }: Call) =>
      pageOf(
        [...railway.world.instances.values()].filter(
          (one) => one.environmentId === id && isListed(one, railway.now()),
        ),
        args,
      ),
    volumeInstances: ({ id }: Environment, args: Paging, { railway }: Call) =>
      pageOf(
        [...railway.world.volumeInstances.values()].filter(
          (one) => one.environmentId === id && isListed(one, railway.now()),
        ),
        args,
      ),
  },
} satisfies Resolvers;

function environmentCreate(
  _: unknown,
  { input }: { input: EnvironmentCreateInput },
  call: Call,
): Environment {
  refuseProjectToken(call);
  const { railway } = call;
  const { world } = railway;
  const project = findProject(call, input.projectId, "effect");
  const isTaken = [...world.environments.values()].some(
    (one) => one.projectId === project.id && one.name === input.name && !isDeleted(one, railway.now()),
  );
  if (isTaken) throw new GraphQLError("environment with that name already exists");
  passCooldown(railway, "environmentCreate", railway.accountId);
  const environment = makeEnvironment(railway, {
    projectId: project.id,
    name: input.name,
    isEphemeral: input.ephemeral ?? false,
    isFork: Boolean(input.sourceEnvironmentId),
  });
  for (const service of world.services.values())
    if (service.projectId === project.id && !isDeleted(service, railway.now()))
      makeInstance(railway, service, environment, undefined);
  return environment;
}
