import type { Railway } from "./railway.ts";
import { type Domain, type Instance, isListed } from "./world.ts";

/** What leads to a service in one environment, as far as it shows. */
export const domainsOf = (
  { world, now }: Railway,
  { serviceId, environmentId }: Pick<Instance, "serviceId" | "environmentId">,
): Domain[] =>
  [...world.domains.values()].filter(
    (one) => one.serviceId === serviceId && one.environmentId === environmentId && isListed(one, now()),
  );
