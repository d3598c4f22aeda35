import type { Deployment } from "./deployment.ts";
import type { Railway } from "./railway.ts";
import type { Instance } from "./world.ts";

/** Removes every deployment of the instances that match. */
export function endEverything({ world, now }: Railway, matches: (instance: Instance) => boolean): void {
  for (const instance of world.instances.values())
    if (matches(instance)) for (const deployment of instance.deployments) endDeployment(deployment, now());
}

/** Removes one, unless that happened before. */
export function endDeployment(deployment: Deployment, now: number): void {
  deployment.endedAt = Math.min(deployment.endedAt ?? Infinity, now);
}
