import type { OwnedThing } from "../host.ts";
import type { DockerContext } from "./context.ts";
import { labels, type Owner } from "./names.ts";
import { listNetworks, type Network } from "./networks.ts";
import { listSecrets } from "./secrets.ts";
import { listServices, type Service } from "./services.ts";

type Labels = Record<string, string> | null | undefined;

/** Everything at the engine with the owner's labels. */
export async function listThings(
  ctx: DockerContext,
  owner: Owner,
  signal: AbortSignal,
): Promise<OwnedThing[]> {
  const [networks, services, secrets] = await Promise.all([
    listNetworks(ctx, owner, signal),
    listServices(ctx, owner, signal),
    listSecrets(ctx, owner, signal),
  ]);
  return [
    ...networks.map(networkThing),
    ...services.map(serviceThing),
    ...secrets.map(({ ID, Spec }) => thing("docker_secret", ID, Spec.Labels)),
  ];
}

export const networkThing = ({ Id, Labels }: Network) => thing("docker_network", Id, Labels);
export const serviceThing = ({ ID, Spec }: Service) => thing("docker_service", ID, Spec.Labels);

const thing = (kind: string, externalId: string, found: Labels): OwnedThing => ({
  kind,
  externalId,
  departmentId: found?.[labels.department],
});
