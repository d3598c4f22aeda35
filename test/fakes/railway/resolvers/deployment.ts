import { type Call, cannotProcess, notBuiltYet, type Resolvers } from "../call.ts";
import { type Deployment, hasSucceeded, isInProgress, isServing, stepOf, type Step } from "../deployment.ts";
import { domainsOf } from "../domains-of.ts";
import { endDeployment } from "../end-everything.ts";
import { findDeployment, findEnvironment, findInstance, findProject, findService } from "../find.ts";
import { makeDeployment } from "../make-deployment.ts";
import { pageOf, type Paging } from "../page-of.ts";
import { planSteps, stepsOnceLive } from "../plan-steps.ts";
import { type Instance, isDeleted, placeOf } from "../world.ts";

interface Id {
  id: string;
}

interface DeploymentListInput {
  projectId?: string | null;
  environmentId?: string | null;
  serviceId?: string | null;
  includeDeleted?: boolean | null;
  status?: { in?: readonly string[] | null; notIn?: readonly string[] | null } | null;
}

const restartSeconds = 3;

/** Deployments, newest first, and what can be done to one. */
export const deploymentResolvers = {
  Query: {
    deployment: (_: unknown, { id }: Id, call: Call) => findDeployment(call, id, "read"),
    deployments: (_: unknown, args: Paging & { input: DeploymentListInput }, call: Call) =>
      pageOf(listDeployments(call, args.input), args),
  },
  Mutation: {
    deploymentApprove: effect((call, deployment, { status }) => {
      if (status !== "NEEDS_APPROVAL") throw cannotProcess();
      const { railway } = call;
      const seconds = railway.random.between("deploy", railway.settings.deploySeconds);
      const { settings } = instanceOf(call, deployment);
      const pace = { from: railway.now(), seconds, msOf: railway.msOf };
      deployment.steps = planSteps(deployment.snapshot, settings, pace, true);
    }),
    deploymentCancel: effect((call, deployment, step) => {
      if (!isInProgress(step) && step.status !== "NEEDS_APPROVAL") throw cannotProcess();
      endDeployment(deployment, call.railway.now());
    }),
    deploymentRemove: effect((call, deployment, { status }) => {
      if (status === "REMOVED" || status === "REMOVING") throw cannotProcess();
      endDeployment(deployment, call.railway.now());
    }),
    deploymentStop: effect((call, deployment, step) => {
      if (!isServing(deployment, step)) throw cannotProcess();
      deployment.stoppedAt = call.railway.now();
    }),
    deploymentRestart: effect(({ railway, ...call }, deployment, step) => {
      if (!isServing(deployment, step) && step.status !== "CRASHED") throw cannotProcess();
      const now = railway.now();
      const { settings } = instanceOf({ railway, ...call }, deployment);
      const { image, repo } = deployment.snapshot;
      const at = now + railway.msOf(restartSeconds);
      deployment.steps = [
        ...deployment.steps.filter((one) => one.at <= now),
        ...stepsOnceLive(image ?? repo ?? "", settings, at, railway.msOf),
      ];
    }),
    deploymentRollback: effect((call, deployment, { status }) => {
      if (!canRollback(call, deployment, status)) throw cannotProcess();
      makeDeployment(call.railway, instanceOf(call, deployment), "rollback", deployment.snapshot);
    }),
    deploymentRedeploy(_: unknown, { id }: Id, call: Call) {
      const { deployment, step } = find(call, id);
      if (isInProgress(step)) throw notBuiltYet();
      return makeDeployment(call.railway, instanceOf(call, deployment), "redeploy", deployment.snapshot);
    },
  },
  Deployment: {
    status: (deployment: Deployment, _: unknown, call: Call) => step(call, deployment).status,
    statusUpdatedAt: (deployment: Deployment, _: unknown, call: Call) => step(call, deployment).at,
    updatedAt: (deployment: Deployment, _: unknown, call: Call) => step(call, deployment).at,
    deploymentStopped: ({ stoppedAt }: Deployment) => stoppedAt !== undefined,
    canRedeploy: (deployment: Deployment, _: unknown, call: Call) => !isInProgress(step(call, deployment)),
    canRollback: (deployment: Deployment, _: unknown, call: Call) =>
      canRollback(call, deployment, step(call, deployment).status),
    environment: ({ environmentId }: Deployment, _: unknown, { railway }: Call) =>
      railway.world.environments.get(environmentId),
    // What Railway says of a service that is gone: a reference that must not be null and is.
    service({ serviceId }: Deployment, _: unknown, { railway }: Call) {
      const service = railway.world.services.get(serviceId);
      if (!service || isDeleted(service, railway.now())) throw cannotProcess();
      return service;
    },
    meta: ({ snapshot: { image, repo }, cause }: Deployment) => ({
      ...(image === null ? { repo } : { image }),
      reason: cause === "rollback" || cause === "redeploy" ? cause : "deploy",
    }),
    url: (deployment: Deployment, _: unknown, call: Call) => urlOf(call, deployment),
    staticUrl: (deployment: Deployment, _: unknown, call: Call) => urlOf(call, deployment),
    instances: (deployment: Deployment, _: unknown, call: Call) => [
      { id: deployment.id, status: processStatus(deployment, step(call, deployment)) },
    ],
  },
} satisfies Resolvers;

/** A mutation of one deployment that answers true. */
function effect(change: (call: Call, deployment: Deployment, step: Step) => void) {
  return (_: unknown, { id }: Id, call: Call): true => {
    const found = find(call, id);
    change(call, found.deployment, found.step);
    return true;
  };
}

function find(call: Call, id: string) {
  const deployment = findDeployment(call, id, "effect");
  return { deployment, step: step(call, deployment) };
}

function instanceOf({ railway }: Call, { serviceId, environmentId }: Deployment): Instance {
  const instance = railway.world.instances.get(placeOf(serviceId, environmentId));
  if (!instance) throw cannotProcess();
  return instance;
}

const step = (call: Call, deployment: Deployment) =>
  stepOf(deployment, instanceOf(call, deployment).deployments, call.railway.now());

/** Only what once went live and makes place for something else. */
const canRollback = ({ railway }: Call, deployment: Deployment, status: string) =>
  hasSucceeded(deployment, railway.now()) && (status === "REMOVED" || status === "REMOVING");

function listDeployments(call: Call, input: DeploymentListInput): Deployment[] {
  const { railway } = call;
  const { projectId, environmentId, serviceId, status } = input;
  if (projectId) findProject(call, projectId, "read");
  if (environmentId) findEnvironment(call, environmentId, "read");
  if (serviceId) findService(call, serviceId, "read");
  if (serviceId && environmentId) findInstance(call, serviceId, environmentId, "read");
  if (!projectId && !serviceId && !environmentId) throw cannotProcess();
  return [...railway.world.deployments.values()]
    .filter(
      (one) =>
        (!projectId || one.projectId === projectId) &&
        (!environmentId || one.environmentId === environmentId) &&
        (!serviceId || one.serviceId === serviceId) &&
        one.visibleAt <= railway.now(),
    )
    .filter((one) => {
      const is = step(call, one).status;
      return (!status?.in || status.in.includes(is)) && !status?.notIn?.includes(is);
    })
    .toReversed();
}

const urlOf = ({ railway }: Call, deployment: Deployment): string | undefined =>
  domainsOf(railway, deployment)[0]?.domain;

function processStatus(deployment: Deployment, { status }: Step): string {
  if (deployment.stoppedAt !== undefined) return "STOPPED";
  if (status === "SUCCESS") return "RUNNING";
  if (status === "SLEEPING") return "EXITED";
  if (status === "CRASHED" || status === "FAILED") return "CRASHED";
  return status === "REMOVED" || status === "REMOVING" ? status : "INITIALIZING";
}
