import type { Cause, Deployment, Snapshot } from "./deployment.ts";
import { planSteps } from "./plan-steps.ts";
import type { Railway } from "./railway.ts";
import { variablesOf } from "./variables-of.ts";
import type { Instance } from "./world.ts";

/** Deploys what the instance is now, or what an earlier deployment was. */
export function makeDeployment(
  railway: Railway,
  instance: Instance,
  cause: Cause,
  snapshot: Snapshot = snapshotOf(railway, instance),
): Deployment {
  const { id, createdAt, visibleAt } = railway.newItem();
  const seconds = railway.random.between("deploy", railway.settings.deploySeconds);
  const deployment: Deployment = {
    id,
    createdAt,
    visibleAt,
    projectId: instance.projectId,
    serviceId: instance.serviceId,
    environmentId: instance.environmentId,
    cause,
    snapshot,
    steps: planSteps(snapshot, instance.settings, { from: createdAt, seconds, msOf: railway.msOf }),
  };
  instance.deployments.push(deployment);
  railway.world.deployments.set(id, deployment);
  return deployment;
}

function snapshotOf(railway: Railway, instance: Instance): Snapshot {
  const { source, drainingSeconds } = instance.settings;
  return {
    image: source?.image ?? null,
    repo: source?.repo ?? null,
    variables: variablesOf(railway, instance),
    drainingMs: railway.msOf(drainingSeconds ?? 0),
  };
}
