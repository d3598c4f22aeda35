import { type Call, cannotProcess, notAuthorized, refuseProjectToken, type Resolvers } from "../call.ts";
import { findEnvironment, findProject } from "../find.ts";
import { makeProjectToken } from "../make-project-token.ts";
import { pageOf, type Paging } from "../page-of.ts";
import { isListed, type ProjectToken } from "../world.ts";

interface ProjectTokenCreateInput {
  projectId: string;
  environmentId: string;
  name: string;
}

/** Tokens for one environment of one project, whose secret is told once. */
export const projectTokenResolvers = {
  Query: {
    projectToken(_: unknown, __: unknown, { railway, caller }: Call) {
      if (caller.kind !== "project") throw notAuthorized();
      return railway.world.projectTokens.get(caller.tokenId);
    },
    projectTokens(_: unknown, args: Paging & { projectId: string }, call: Call) {
      findProject(call, args.projectId, "read");
      const { railway } = call;
      const all = [...railway.world.projectTokens.values()].filter(
        (one) => one.projectId === args.projectId && isListed(one, railway.now()),
      );
      return pageOf(all, args);
    },
  },
  Mutation: {
    projectTokenCreate(_: unknown, { input }: { input: ProjectTokenCreateInput }, call: Call) {
      refuseProjectToken(call);
      const environment = findEnvironment(call, input.environmentId, "effect");
      if (environment.projectId !== input.projectId) throw notAuthorized();
      return makeProjectToken(call.railway, environment, input.name).secret;
    },
    projectTokenDelete(_: unknown, { id }: { id: string }, call: Call) {
      refuseProjectToken(call);
      const token = call.railway.world.projectTokens.get(id);
      if (!token || token.deletedAt !== undefined) throw cannotProcess();
      findProject(call, token.projectId, "effect");
      token.deletedAt = call.railway.now();
      return true;
    },
  },
  ProjectToken: {
    displayToken: ({ secret }: ProjectToken) => `${secret.slice(0, 4)}****`,
    project: ({ projectId }: ProjectToken, _: unknown, { railway }: Call) =>
      railway.world.projects.get(projectId),
    environment: ({ environmentId }: ProjectToken, _: unknown, { railway }: Call) =>
      railway.world.environments.get(environmentId),
  },
} satisfies Resolvers;
