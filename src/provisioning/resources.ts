import type { Tx } from "../db/tx.ts";
import { stepTx } from "./step-tx.ts";
import type { JobContext } from "./worker-deps.ts";

export interface NewResource {
  provider: string;
  kind: string;
  externalId: string;
  name: string;
}

/** Writes down what is about to exist, before it is relied on. Twice is once. */
export async function recordResources(ctx: JobContext, resources: NewResource[]): Promise<void> {
  await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    for (const resource of resources) {
      const { count } = await insertResource(ctx, tx, resource);
      if (count > 0) record({ action: "resource.create", meta: { ...resource } });
    }
  });
}

export function insertResource(ctx: JobContext, tx: Tx, { provider, kind, externalId, name }: NewResource) {
  return tx`
    insert into federation.resource as r (id, department_id, provider, kind, external_id, name, created_by_step)
    values (${Bun.randomUUIDv7()}, ${ctx.run.department.id}, ${provider}, ${kind}, ${externalId}, ${name}, ${ctx.step})
    on conflict (department_id, provider, kind, external_id) do update
      set deleted_at = null, verified_absent_at = null, orphaned_at = null, orphan_reason = null
      where r.deleted_at is not null or r.orphaned_at is not null`;
}

/** Marks as deleted what the provider no longer has; `kinds` limits it, and `externalIds` where they are given. */
export async function markDeleted(
  ctx: JobContext,
  provider: string,
  kinds: string[],
  externalIds?: string[],
): Promise<void> {
  await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    const gone = await tx<{ kind: string; external_id: string }[]>`
      update federation.resource set deleted_at = clock_timestamp(), orphaned_at = null, orphan_reason = null
      where department_id = ${ctx.run.department.id} and provider = ${provider} and kind = any(${kinds})
        and (${externalIds ?? null}::text[] is null or external_id = any(${externalIds ?? []}))
        and deleted_at is null
      returning kind, external_id`;
    for (const { kind, external_id } of gone) {
      record({ action: "resource.delete", meta: { provider, kind, externalId: external_id } });
    }
  });
}
