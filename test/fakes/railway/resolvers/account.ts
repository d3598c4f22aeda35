import {
  accountOnly,
  type Call,
  maySeeWorkspace,
  notAuthorized,
  refuseProjectToken,
  type Resolvers,
} from "../call.ts";
import { listProjects } from "../list-projects.ts";
import { pageOf, type Paging } from "../page-of.ts";
import { isDeleted, type Workspace } from "../world.ts";

/** The caller, and the workspaces it may use. */
export const accountResolvers = {
  Query: {
    apiToken(_: unknown, __: unknown, call: Call) {
      refuseProjectToken(call);
      return { workspaces: workspacesOf(call).map(({ id, name }) => ({ id, name })) };
    },
    me(_: unknown, __: unknown, call: Call) {
      accountOnly(call);
      const createdAt = call.railway.now();
      const person = {
        id: call.railway.accountId,
        name: "Somebody",
        email: "somebody@example.org",
        createdAt,
      };
      return { ...person, isVerified: true, has2FA: false, workspaces: workspacesOf(call) };
    },
    workspace(_: unknown, { workspaceId }: { workspaceId: string }, call: Call) {
      const workspace = call.railway.world.workspaces.get(workspaceId);
      if (!workspace || !maySeeWorkspace(call, workspaceId)) throw notAuthorized();
      return workspace;
    },
  },
  User: { apiTokenRateLimit: rateLimit },
  Workspace: {
    plan: (_: Workspace, __: unknown, { railway }: Call) => railway.settings.plan.name,
    apiTokenRateLimit: rateLimit,
    projects: ({ id }: Workspace, paging: Paging, call: Call) =>
      pageOf(listProjects(call, { workspaceId: id }), paging),
    projectCount(
      { id }: Workspace,
      { includeDeleted }: { includeDeleted?: boolean | null },
      { railway }: Call,
    ) {
      const all = [...railway.world.projects.values()].filter(({ workspaceId }) => workspaceId === id);
      return all.filter((project) => includeDeleted || !isDeleted(project, railway.now())).length;
    },
  },
} satisfies Resolvers;

const workspacesOf = (call: Call) =>
  [...call.railway.world.workspaces.values()].filter(({ id }) => maySeeWorkspace(call, id));

function rateLimit(_: unknown, __: unknown, { railway, token }: Call) {
  return railway.budgets.remaining(token);
}
