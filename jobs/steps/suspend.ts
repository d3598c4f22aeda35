import { conflict } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

const suspendable = ["active", "degraded", "suspended", "failed"];

/** Nothing of the department answers any more, nothing is destroyed yet; the undo revives it, unless it is locked. */
export const suspend: JobStep = {
  async run(ctx) {
    const { id } = ctx.run.department;
    const graceHours = Number(ctx.run.input["grace_hours"] ?? 0);
    const [until] = await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const [before] = await tx<{ status: string }[]>`
        select status from federation.department where id = ${id} for no key update`;
      if (!suspendable.includes(before?.status ?? ""))
        throw conflict("not_suspendable", "The department is not in a state to be suspended.");
      await tx`update federation.department set status = 'suspended', updated_at = clock_timestamp() where id = ${id}`;
      await tx`update federation.api_client set status = 'pending' where department_id = ${id} and status = 'active'`;
      if (before?.status !== "suspended")
        record({ action: "department.suspend", meta: { grace_hours: graceHours } });
      return tx<{ grace_until: string }[]>`
        select to_json(created_at + make_interval(secs => ${graceHours * 3600}))#>>'{}' as grace_until
        from federation.run where id = ${ctx.run.id}`;
    });
    return done({ grace_until: until?.grace_until ?? "" });
  },
  async undo(ctx) {
    const { id } = ctx.run.department;
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const [revived] = await tx<{ status: string }[]>`
        update federation.department set updated_at = clock_timestamp(),
          status = case when locked_at is null then 'active' else 'suspended' end
        where id = ${id} and status in ('suspended', 'deprovisioning') returning status`;
      if (revived?.status !== "active") return;
      await tx`update federation.api_client set status = 'active' where department_id = ${id} and status = 'pending'`;
      record({ action: "department.revive" });
    });
  },
};
