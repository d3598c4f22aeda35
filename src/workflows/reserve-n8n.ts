import type { Tx } from "../db/tx.ts";
import { readDefinition } from "../departments/config/read-definition.ts";
import { conflict } from "../errors.ts";
import { leaseInstance } from "../n8n-instances/lease.ts";
import { returnInstance } from "../n8n-instances/return-instance.ts";
import { type StepEvent, stepTx } from "../provisioning/step-tx.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";

/** Leases an n8n of its own for a department that wants one. Throws `n8n_pool_empty`: the shared one is not another one. */
export async function reserveN8n(ctx: JobContext): Promise<void> {
  const { id } = ctx.run.department;
  const { custom_config: custom } = await readDefinition(ctx.deps.db.app, id);
  if (custom?.n8n?.instance !== "own") return;
  await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    const lease = await leaseInstance(tx, id);
    if (!lease)
      throw conflict("n8n_pool_empty", "The department wants an n8n of its own, and none is free: add one.");
    if (lease.isNew) record({ action: "n8n_instance.lease", target: lease.id });
  });
}

/** Gives it back, in the caller's transaction; everything of the department has to be gone from it. */
export async function giveBackN8n(
  tx: Tx,
  departmentId: string,
  record: (event: StepEvent) => void,
): Promise<void> {
  const [used] = await tx`
    select from federation.resource where department_id = ${departmentId} and provider = 'n8n' limit 1`;
  const returned = await returnInstance(tx, departmentId, used !== undefined);
  if (returned)
    record({ action: "n8n_instance.return", target: returned.id, meta: { status: returned.status } });
}
