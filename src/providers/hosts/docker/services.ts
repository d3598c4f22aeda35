import { z } from "zod";
import type { HostCall } from "../host.ts";
import type { DockerContext } from "./context.ts";
import { EngineError, unless } from "./engine-error.ts";
import { type Owner, ownerFilter } from "./names.ts";

const labelled = z.record(z.string(), z.string()).nullish();
const containerSpec = z.looseObject({
  Image: z.string().optional(),
  Env: z.array(z.string()).nullish(),
  Labels: labelled,
  Secrets: z.array(z.looseObject({ SecretID: z.string(), SecretName: z.string() })).nullish(),
});
const limits = z.looseObject({ NanoCPUs: z.number().optional(), MemoryBytes: z.number().optional() });
const taskTemplate = z.looseObject({
  ContainerSpec: containerSpec,
  Resources: z.looseObject({ Limits: limits.nullish() }).nullish(),
  Placement: z.looseObject({ Constraints: z.array(z.string()).nullish() }).nullish(),
  Networks: z.array(z.looseObject({ Target: z.string() })).nullish(),
});
const service = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  Spec: z.looseObject({
    Name: z.string(),
    Labels: labelled,
    TaskTemplate: taskTemplate,
    Mode: z.looseObject({ Replicated: z.looseObject({ Replicas: z.number().default(0) }) }),
  }),
  UpdateStatus: z.object({ State: z.string().optional(), Message: z.string().optional() }).nullish(),
});
export type Service = z.infer<typeof service>;

const attemptsMax = 5;

export async function listServices({ engine }: DockerContext, owner: Owner, signal: AbortSignal) {
  return await engine.json(z.array(service), { path: "/services", query: ownerFilter(owner), signal });
}

export async function findService(
  ctx: DockerContext,
  departmentId: string,
  signal: AbortSignal,
): Promise<Service | undefined> {
  const [found] = await listServices(ctx, { environment: ctx.environment, departmentId }, signal);
  return found;
}

/** Leaves one of that name as it is. */
export async function createService(ctx: DockerContext, body: object, call: HostCall): Promise<void> {
  await call.fence();
  const creation = ctx.engine.run({ method: "POST", path: "/services/create", body, signal: call.signal });
  await unless(["conflict"], creation);
}

/**
 * Writes what `change` makes of the present service, which is read again whenever another writer was faster; nothing
 * where it answers undefined. Returns false when there is no service.
 */
export async function updateService(
  ctx: DockerContext,
  departmentId: string,
  call: HostCall,
  change: (present: Service) => object | undefined,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const present = await findService(ctx, departmentId, call.signal);
    if (!present) return false;
    const body = change(present);
    if (!body) return true;
    await call.fence();
    const path = `/services/${present.ID}/update`;
    const query = { version: String(present.Version.Index) };
    try {
      await ctx.engine.run({ method: "POST", path, query, body, signal: call.signal });
      return true;
    } catch (error) {
      // Taken away meanwhile, as by the end of another run.
      if (error instanceof EngineError && error.kind === "not_found") return false;
      const isStale = error instanceof EngineError && error.kind === "out_of_sequence";
      if (!isStale || attempt === attemptsMax) throw error;
    }
  }
}

export async function scaleToZero(ctx: DockerContext, departmentId: string, call: HostCall): Promise<void> {
  await updateService(ctx, departmentId, call, ({ Spec }) =>
    Spec.Mode.Replicated.Replicas === 0 ? undefined : { ...Spec, Mode: { Replicated: { Replicas: 0 } } },
  );
}

/** New tasks of the same spec, as the engine does it: one after the other, by the service's rules for updates. */
export async function restartService(
  ctx: DockerContext,
  departmentId: string,
  call: HostCall,
): Promise<void> {
  await updateService(ctx, departmentId, call, ({ Spec }) => {
    if (Spec.Mode.Replicated.Replicas === 0) return undefined;
    const { ForceUpdate } = z.looseObject({ ForceUpdate: z.number().default(0) }).parse(Spec.TaskTemplate);
    return { ...Spec, TaskTemplate: { ...Spec.TaskTemplate, ForceUpdate: ForceUpdate + 1 } };
  });
}

export async function removeService(ctx: DockerContext, departmentId: string, call: HostCall): Promise<void> {
  const present = await findService(ctx, departmentId, call.signal);
  if (!present) return;
  await call.fence();
  const path = `/services/${present.ID}`;
  await unless(["not_found"], ctx.engine.run({ method: "DELETE", path, signal: call.signal }));
}
