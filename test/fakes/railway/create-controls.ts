import { type Cause, type Deployment, isServing, stepOf } from "./deployment.ts";
import { makeEnvironment } from "./make-environment.ts";
import { makeProjectToken } from "./make-project-token.ts";
import { makeService } from "./make-service.ts";
import type { Railway } from "./railway.ts";
import { type Instance, isDeleted, type Project } from "./world.ts";

/** What a test sees and does behind the API's back; nothing here lags. */
export function createControls(railway: Railway) {
  const { world, now } = railway;

  const projects = ({ includeDeleted = false } = {}) =>
    [...world.projects.values()].filter((one) => includeDeleted || one.deletedAt === undefined);

  /** Of every project with this id or name, deleted or not. */
  function instancesOf(nameOrId: string): Instance[] {
    const ids = new Set(
      projects({ includeDeleted: true })
        .filter(({ id, name }) => id === nameOrId || name === nameOrId)
        .map(({ id }) => id),
    );
    return [...world.instances.values()].filter(({ projectId }) => ids.has(projectId));
  }

  const serving = ({ deployments }: Instance) =>
    deployments.filter((one) => isServing(one, stepOf(one, deployments, now())));

  return {
    /** Read at every use, but for the scale and the seed. */
    settings: railway.settings,
    world,
    counts: railway.counts,
    /** Lets Railway's seconds pass at once. */
    advance: railway.advance,
    failNext: railway.faults.failNext,
    accountToken: railway.accountToken,
    /** In the order of the options. */
    workspaces: [...world.workspaces.values()].map(({ id, name }) => ({
      id,
      name,
      token: railway.workspaceTokens.get(id) ?? "",
    })),
    projectToken(environmentId: string): string {
      const environment = world.environments.get(environmentId);
      if (!environment) throw new Error("There is no such environment.");
      return makeProjectToken(railway, environment, "test").secret;
    },
    projects,
    /** Of every project with this id or name, deleted or not; oldest first. */
    deploymentsOf: (nameOrId: string) =>
      instancesOf(nameOrId).flatMap(({ deployments }) =>
        deployments.map((one) => describe(one, deployments, now())),
      ),
    /** Names that more than one live project of a workspace has. */
    duplicates: () => {
      const named = Map.groupBy(projects(), ({ workspaceId, name }) => `${workspaceId} ${name}`);
      return [...named.values()].flatMap(([first, second]) => (first && second ? [first.name] : []));
    },
    /** Live projects in which nothing serves and that are nobody else's. */
    orphans: (): Project[] =>
      projects().filter(
        (project) => !project.isForeign && instancesOf(project.id).flatMap(serving).length === 0,
      ),
    /** Ends the processes of a service, as its own fault, wherever it runs. */
    crash(serviceId: string): void {
      const instances = [...world.instances.values()].filter((one) => one.serviceId === serviceId);
      for (const deployment of instances.flatMap(serving))
        deployment.steps = [
          ...deployment.steps.filter(({ at }) => at <= now()),
          { status: "CRASHED", at: now() },
        ];
    },
    /** A project that somebody else made, with a service that runs. */
    addForeignProject(name = "somebody-elses", workspaceId = [...world.workspaces.keys()][0] ?? ""): Project {
      const item = { ...railway.newItem(), visibleAt: now() };
      const environment = makeEnvironment(railway, {
        projectId: item.id,
        name: "production",
        visibleAt: now(),
      });
      const project: Project = {
        ...item,
        workspaceId,
        name,
        description: null,
        isPublic: false,
        prDeploys: false,
        baseEnvironmentId: environment.id,
        isForeign: true,
      };
      world.projects.set(project.id, project);
      makeService(railway, project, { name: "web", source: { image: "nginx:1" }, variables: {} });
      return project;
    },
    /** Of the server on loopback behind a service, in the first environment it is in. */
    agentUrl(serviceId: string): string {
      const instance = [...world.instances.values()].find(
        (one) => one.serviceId === serviceId && !isDeleted(one, now()),
      );
      if (!instance) throw new Error("There is no such service.");
      return railway.agents.urlOf(serviceId, instance.environmentId);
    },
  };
}

export interface DeploymentView {
  id: string;
  status: string;
  /** Since when it has it. */
  since: number;
  cause: Cause;
  image: string | null;
  variables: Record<string, string>;
}

function describe(deployment: Deployment, all: readonly Deployment[], now: number): DeploymentView {
  const { id, cause, snapshot } = deployment;
  const { status, at } = stepOf(deployment, all, now);
  return { id, status, since: at, cause, image: snapshot.image, variables: snapshot.variables };
}
