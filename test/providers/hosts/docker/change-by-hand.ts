import { z } from "zod";
import type { Engine } from "../../../../src/providers/hosts/docker/engine.ts";
import { ownerFilter } from "../../../../src/providers/hosts/docker/names.ts";

const container = z.looseObject({ Env: z.array(z.string()).default([]) });
const services = z.array(
  z.object({
    ID: z.string(),
    Version: z.object({ Index: z.number() }),
    Spec: z.looseObject({ TaskTemplate: z.looseObject({ ContainerSpec: container }) }),
  }),
);

/** As `docker service update --env-add` does it. */
export async function changeByHand(
  engine: Engine,
  at: { environment: string; departmentId: string },
  name: string,
  value: string,
): Promise<void> {
  const { signal } = new AbortController();
  const [service] = await engine.json(services, { path: "/services", query: ownerFilter(at), signal });
  if (!service) throw new Error("there is no service");
  const { ID, Version, Spec } = service;
  const { ContainerSpec } = Spec.TaskTemplate;
  const others = ContainerSpec.Env.filter((line) => !line.startsWith(`${name}=`));
  const changed = { ...ContainerSpec, Env: [...others, `${name}=${value}`] };
  const body = { ...Spec, TaskTemplate: { ...Spec.TaskTemplate, ContainerSpec: changed } };
  const query = { version: String(Version.Index) };
  await engine.run({ method: "POST", path: `/services/${ID}/update`, query, body, signal });
}
