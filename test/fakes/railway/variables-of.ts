import { domainsOf } from "./domains-of.ts";
import type { Railway } from "./railway.ts";
import { type Instance, placeOf } from "./world.ts";

/** What its processes see: shared variables, its own, and those that Railway adds. */
export function variablesOf(railway: Railway, instance: Instance): Record<string, string> {
  const { world } = railway;
  const { projectId, environmentId, serviceId } = instance;
  const service = world.services.get(serviceId);
  const [domain] = domainsOf(railway, instance);
  return {
    ...world.variables.get(placeOf("", environmentId)),
    ...world.variables.get(placeOf(serviceId, environmentId)),
    RAILWAY_PROJECT_ID: projectId,
    RAILWAY_PROJECT_NAME: world.projects.get(projectId)?.name ?? "",
    RAILWAY_ENVIRONMENT_ID: environmentId,
    RAILWAY_ENVIRONMENT_NAME: world.environments.get(environmentId)?.name ?? "",
    RAILWAY_SERVICE_ID: serviceId,
    RAILWAY_SERVICE_NAME: service?.name ?? "",
    RAILWAY_PRIVATE_DOMAIN: `${service?.name}.railway.internal`,
    ...(domain && { RAILWAY_PUBLIC_DOMAIN: domain.domain }),
  };
}
