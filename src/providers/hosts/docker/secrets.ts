import { createHash } from "node:crypto";
import { z } from "zod";
import type { AgentSpec, HostCall } from "../host.ts";
import type { DockerContext } from "./context.ts";
import { unless } from "./engine-error.ts";
import { baseName, nameTaken, type Owner, ownerFilter, ownerLabels } from "./names.ts";

const secret = z.object({
  ID: z.string(),
  Spec: z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() }),
});

export interface SwarmSecret {
  id: string;
  name: string;
}

/** The secret that holds the agent's secret variables, named by its content; undefined where the agent has none. */
export async function ensureSecret(
  ctx: DockerContext,
  spec: AgentSpec,
  call: HostCall,
): Promise<SwarmSecret | undefined> {
  const content = contentOf(spec);
  const name = secretName(spec);
  if (content === undefined || name === undefined) return undefined;
  const owner = { environment: ctx.environment, departmentId: spec.departmentId };
  const find = async () =>
    (await listSecrets(ctx, owner, call.signal)).find(({ Spec }) => Spec.Name === name);
  const made = (await find()) ?? (await create(ctx, spec, { name, content }, call), await find());
  if (!made) throw nameTaken(`secret ${name}`);
  return { id: made.ID, name };
}

/** What `ensureSecret` calls it; its content cannot change, so another content is another name. */
export function secretName(spec: AgentSpec): string | undefined {
  const content = contentOf(spec);
  if (content === undefined) return undefined;
  return `${baseName(spec)}-${createHash("sha256").update(content).digest("hex").slice(0, 16)}`;
}

export async function listSecrets({ engine }: DockerContext, owner: Owner, signal: AbortSignal) {
  return await engine.json(z.array(secret), { path: "/secrets", query: ownerFilter(owner), signal });
}

/** Takes away the department's secrets but those named; one that a service still names stays for the next time. */
export async function removeSecrets(
  ctx: DockerContext,
  owner: Owner,
  kept: readonly string[],
  call: HostCall,
): Promise<void> {
  for (const { ID, Spec } of await listSecrets(ctx, owner, call.signal)) {
    if (kept.includes(Spec.Name)) continue;
    await call.fence();
    const removal = ctx.engine.run({ method: "DELETE", path: `/secrets/${ID}`, signal: call.signal });
    await unless(["not_found", "in_use"], removal);
  }
}

function contentOf({ variables, secretNames }: AgentSpec): string | undefined {
  const secrets = Object.entries(variables).filter(([name]) => secretNames.includes(name));
  return secrets.length === 0 ? undefined : JSON.stringify(Object.fromEntries(secrets.toSorted()));
}

async function create(
  { engine, environment }: DockerContext,
  spec: AgentSpec,
  { name, content }: { name: string; content: string },
  call: HostCall,
): Promise<void> {
  const body = {
    Name: name,
    Labels: ownerLabels(environment, spec),
    Data: Buffer.from(content).toString("base64"),
  };
  await call.fence();
  const creation = engine.run({ method: "POST", path: "/secrets/create", body, signal: call.signal });
  await unless(["conflict"], creation);
}
