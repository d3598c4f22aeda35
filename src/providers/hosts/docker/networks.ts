import { z } from "zod";
import type { AgentSpec, HostCall } from "../host.ts";
import { attachContainers } from "./attach.ts";
import { type DockerContext, stopWaitOf } from "./context.ts";
import { EngineError, unless } from "./engine-error.ts";
import { baseName, nameTaken, type Owner, ownerFilter, ownerLabels } from "./names.ts";
import { waitUntil } from "./wait-until.ts";

const network = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string(),
  Labels: z.record(z.string(), z.string()).nullish(),
});
export type Network = z.infer<typeof network>;
const joined = z.object({ Containers: z.record(z.string(), z.object({})).nullish() });

/** The department's own network, with the attached containers in it; made unless it is there. */
export async function ensureNetwork(ctx: DockerContext, spec: AgentSpec, call: HostCall): Promise<Network> {
  const found = (await find(ctx, spec, call)) ?? (await create(ctx, spec, call));
  await attachContainers(ctx, [found], call);
  return found;
}

export async function listNetworks(ctx: DockerContext, owner: Owner, signal: AbortSignal) {
  const query = ownerFilter(owner);
  return await ctx.engine.json(z.array(network), { path: "/networks", query, signal });
}

/** Takes the department's networks away, once what was in them is gone. */
export async function removeNetworks(ctx: DockerContext, owner: Owner, call: HostCall): Promise<void> {
  for (const { Id } of await listNetworks(ctx, owner, call.signal)) await remove(ctx, Id, call);
}

/** Of twins, made by two at once, the oldest is the one; the others go. */
async function find(ctx: DockerContext, spec: AgentSpec, call: HostCall): Promise<Network | undefined> {
  const owner = { environment: ctx.environment, departmentId: spec.departmentId };
  const named = (await listNetworks(ctx, owner, call.signal)).filter(({ Name }) => Name === baseName(spec));
  const [oldest, ...twins] = named.toSorted(
    (a, b) => Date.parse(a.Created) - Date.parse(b.Created) || (a.Id < b.Id ? -1 : 1),
  );
  for (const { Id } of twins) await unless(["in_use"], removeOnce(ctx, Id, call));
  return oldest;
}

async function create(ctx: DockerContext, spec: AgentSpec, call: HostCall): Promise<Network> {
  const Name = baseName(spec);
  const body = {
    Name,
    Driver: "overlay",
    Attachable: true,
    Labels: ownerLabels(ctx.environment, spec),
    ...(ctx.encryptsNetworks && { Options: { encrypted: "true" } }),
  };
  await call.fence();
  await unless(
    ["conflict"],
    ctx.engine.run({ method: "POST", path: "/networks/create", body, signal: call.signal }),
  );
  const made = await find(ctx, spec, call);
  if (!made) throw nameTaken(`network ${Name}`);
  return made;
}

/** Gone is what is not listed any more: the engine is through a moment after it has said so. */
async function remove(ctx: DockerContext, id: string, call: HostCall): Promise<void> {
  const isGone = await waitUntil(stopWaitOf(ctx, call), async () => {
    const request = { path: `/networks/${id}`, signal: call.signal };
    const found = await unless(["not_found"], ctx.engine.json(joined, request));
    if (!found) return true;
    await disconnectAll(ctx, id, Object.keys(found.Containers ?? {}), call);
    await unless(["in_use"], removeOnce(ctx, id, call));
    return undefined;
  });
  if (!isGone) throw new EngineError("in_use", `network ${id}`);
}

async function removeOnce({ engine }: DockerContext, id: string, call: HostCall): Promise<void> {
  await call.fence();
  const removal = engine.run({ method: "DELETE", path: `/networks/${id}`, signal: call.signal });
  await unless(["not_found"], removal);
}

/** Also what somebody else put in there, such as a container to look around with: it would keep the network. */
async function disconnectAll(
  { engine }: DockerContext,
  id: string,
  containers: readonly string[],
  call: HostCall,
): Promise<void> {
  const { signal } = call;
  for (const Container of containers.filter((name) => !name.startsWith("lb-"))) {
    await call.fence();
    const request = { path: `/networks/${id}/disconnect`, body: { Container, Force: true }, signal };
    await unless(["not_found"], engine.run({ method: "POST", ...request }));
  }
}
