import { makeDeployment } from "./make-deployment.ts";
import type { Railway } from "./railway.ts";
import {
  type Environment,
  type Instance,
  type InstanceSettings,
  isDeleted,
  placeOf,
  type Project,
  type Service,
} from "./world.ts";

interface Wanted {
  name: string;
  icon?: string | null;
  source: InstanceSettings["source"];
  /** In a fork, only there; else in every environment that is none. */
  environmentId?: string | null;
  variables: Record<string, string>;
}

/** A service and its instances; one with a source is deployed. */
export function makeService(railway: Railway, project: Project, wanted: Wanted): Service {
  const { world, now, newItem } = railway;
  const service = { ...newItem(), projectId: project.id, name: wanted.name, icon: wanted.icon ?? null };
  world.services.set(service.id, service);
  const fork = world.environments.get(wanted.environmentId ?? "");
  const environments = [...world.environments.values()].filter(
    (one) =>
      one.projectId === project.id && !isDeleted(one, now()) && (fork?.isFork ? one === fork : !one.isFork),
  );
  for (const environment of environments) {
    const instance = makeInstance(railway, service, environment, wanted.source);
    world.variables.set(placeOf(service.id, environment.id), { ...wanted.variables });
    if (wanted.source) makeDeployment(railway, instance, "source");
  }
  return service;
}

/** The service as it is in one environment, from now on. */
export function makeInstance(
  railway: Railway,
  service: Service,
  environment: Environment,
  source: InstanceSettings["source"],
): Instance {
  const instance: Instance = {
    ...railway.newItem(),
    visibleAt: service.visibleAt,
    projectId: service.projectId,
    serviceId: service.id,
    environmentId: environment.id,
    settings: source ? { source } : {},
    limits: { memoryGB: 8, vCPUs: 8 },
    deployments: [],
  };
  railway.world.instances.set(placeOf(service.id, environment.id), instance);
  return instance;
}
