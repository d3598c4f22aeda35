import type { ServicePlace } from "./railway.ts";

/** The place and nothing else that the object may hold: Railway refuses inputs with more. */
export const placeIds = ({ projectId, environmentId, serviceId }: ServicePlace): ServicePlace => ({
  projectId,
  environmentId,
  serviceId,
});
