import { conflict } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

/** From here on the department's credentials work: they and the status change in one transaction. */
export const activate: JobStep = {
  async run(ctx) {
    const { id } = ctx.run.department;
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const [before] = await tx<{ status: string }[]>`
        select status from federation.department where id = ${id} for no key update`;
      if (before?.status === "active") return;
      if (before?.status !== "provisioning")
        throw conflict("not_provisioning", "The department is no longer being provisioned.");
      await tx`update federation.department set status = 'active', updated_at = clock_timestamp() where id = ${id}`;
      await tx`update federation.api_client set status = 'active' where department_id = ${id} and status = 'pending'`;
      record({ action: "department.activate" });
    });
    return done();
  },
  async undo(ctx) {
    const { id } = ctx.run.department;
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      await tx`update federation.api_client set status = 'pending' where department_id = ${id} and status = 'active'
        and created_by_step is not null`;
      const { count } = await tx`update federation.department set status = 'provisioning',
        updated_at = clock_timestamp() where id = ${id} and status = 'active'`;
      if (count > 0) record({ action: "department.deactivate" });
    });
  },
};
