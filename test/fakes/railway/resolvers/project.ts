import { GraphQLError } from "graphql";
import {
  type Call,
  cannotProcess,
  maySeeWorkspace,
  notAuthorized,
  refuseProjectToken,
  type Resolvers,
} from "../call.ts";
import { passCooldown } from "../cooldowns.ts";
import { endEverything } from "../end-everything.ts";
import { findProject } from "../find.ts";
import { listProjects, type ProjectFilter } from "../list-projects.ts";
import { makeEnvironment } from "../make-environment.ts";
import { makeService } from "../make-service.ts";
import { pageOf, type Paging } from "../page-of.ts";
import { isListed, type Project } from "../world.ts";

interface ProjectCreateInput {
  defaultEnvironmentName?: string | null;
  description?: string | null;
  isPublic?: boolean | null;
  name?: string | null;
  prDeploys?: boolean | null;
  repo?: { fullRepoName: string } | null;
  workspaceId?: string | null;
}

type ProjectUpdateInput = Partial<
  Pick<Project, "name" | "description" | "isPublic" | "prDeploys" | "baseEnvironmentId">
>;

interface Id {
  id: string;
}

const graceSeconds = 48 * 3600;

/** Projects, whose names are not unique and which are deleted softly. */
export const projectResolvers = {
  Query: {
    project: (_: unknown, { id }: Id, call: Call) => findProject(call, id, "read"),
    projects(_: unknown, args: Paging & ProjectFilter & { orderBy?: string | null }, call: Call) {
      refuseProjectToken(call);
      if (args.workspaceId && !maySeeWorkspace(call, args.workspaceId)) throw notAuthorized();
      return pageOf(ordered(listProjects(call, args), args.orderBy), args);
    },
  },
  Mutation: {
    projectCreate,
    projectUpdate(_: unknown, { id, input }: Id & { input: ProjectUpdateInput }, call: Call) {
      const project = findProject(call, id, "effect");
      const given = Object.entries(input).filter(([name, value]) => value !== null || name === "description");
      return Object.assign(project, Object.fromEntries(given), { updatedAt: call.railway.now() });
    },
    projectDelete: (_: unknown, { id }: Id, call: Call) => deleteProject(call, id, 0),
    projectScheduleDelete(_: unknown, { id }: Id, call: Call) {
      if (findProject(call, id, "effect").deletedAt !== undefined) throw cannotProcess();
      return deleteProject(call, id, graceSeconds);
    },
    projectScheduleDeleteCancel(_: unknown, { id }: Id, call: Call) {
      const project = findProject(call, id, "effect");
      if (project.deletedAt === undefined) throw cannotProcess();
      project.deletedAt = undefined;
      project.purgedAt = undefined;
      return true;
    },
    projectScheduleDeleteForce(_: unknown, { id }: Id, call: Call) {
      if (findProject(call, id, "effect").deletedAt === undefined) throw cannotProcess();
      return deleteProject(call, id, 0);
    },
  },
  Project: {
    primaryEnvironmentId: (project: Project, _: unknown, call: Call) =>
      environmentsOf(call, project).find(({ isEphemeral }) => !isEphemeral)?.id,
    subscriptionType: (_: Project, __: unknown, { railway }: Call) =>
      railway.settings.plan.name.toLowerCase(),
    workspace(project: Project, _: unknown, { railway }: Call) {
      if (project.deletedAt !== undefined) throw new GraphQLError("Project not found");
      return railway.world.workspaces.get(project.workspaceId);
    },
    environments(project: Project, args: Paging & { isEphemeral?: boolean | null }, call: Call) {
      const { isEphemeral = null } = args;
      const found = environmentsOf(call, project);
      return pageOf(
        isEphemeral === null ? found : found.filter((one) => one.isEphemeral === isEphemeral),
        args,
      );
    },
    services: ({ id }: Project, args: Paging, { railway }: Call) =>
      pageOf(listed(railway.world.services, id, railway.now()), args),
    volumes: ({ id }: Project, args: Paging, { railway }: Call) =>
      pageOf(listed(railway.world.volumes, id, railway.now()), args),
  },
} satisfies Resolvers;

function projectCreate(_: unknown, { input }: { input: ProjectCreateInput }, call: Call): Project {
  refuseProjectToken(call);
  const { railway, caller } = call;
  const [first] = railway.world.workspaces.keys();
  const own = caller.kind === "workspace" ? caller.workspaceId : first;
  const workspaceId = input.workspaceId ?? own ?? "";
  if (!railway.world.workspaces.has(workspaceId) || !maySeeWorkspace(call, workspaceId))
    throw notAuthorized();
  passCooldown(railway, "projectCreate", workspaceId);
  const item = railway.newItem();
  const { id: baseEnvironmentId } = makeEnvironment(railway, {
    projectId: item.id,
    name: input.defaultEnvironmentName ?? "production",
    visibleAt: item.createdAt,
  });
  const project: Project = {
    ...item,
    workspaceId,
    name: input.name ?? `project-${item.id.slice(0, 8)}`,
    description: input.description ?? null,
    isPublic: input.isPublic ?? false,
    prDeploys: input.prDeploys ?? false,
    baseEnvironmentId,
    isForeign: false,
  };
  railway.world.projects.set(project.id, project);
  railway.counts.projectsCreated += 1;
  if (input.repo)
    makeService(railway, project, {
      name: "service",
      source: { repo: input.repo.fullRepoName },
      variables: {},
    });
  return project;
}

/** What runs there ends at once, whatever the grace period. */
function deleteProject(call: Call, id: string, inSeconds: number): true {
  const { railway } = call;
  const project = findProject(call, id, "effect");
  const now = railway.now();
  endEverything(railway, ({ projectId }) => projectId === id);
  project.deletedAt = now + railway.msOf(inSeconds);
  project.purgedAt = now + railway.msOf(graceSeconds);
  return true;
}

const environmentsOf = ({ railway }: Call, { id }: Project) =>
  listed(railway.world.environments, id, railway.now());

const listed = <Item extends { projectId: string; visibleAt: number }>(
  items: Map<string, Item>,
  projectId: string,
  now: number,
) => [...items.values()].filter((item) => item.projectId === projectId && isListed(item, now));

function ordered(projects: Project[], orderBy: string | null | undefined): Project[] {
  if (orderBy === "NAME_ASC") return projects.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  if (orderBy === "CREATED_AT_DESC") return projects.toReversed();
  return orderBy ? projects.toSorted((one, other) => other.updatedAt - one.updatedAt) : projects;
}
