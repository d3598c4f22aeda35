import { putLock } from "../../src/departments/put-lock.ts";
import { revokeCredentials } from "../../src/departments/revoke-credentials.ts";
import { conflict } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";
import { emitEvent } from "../../src/webhooks/emit.ts";

/** From here on the new credentials work. Only the lock this run was asked to open is opened; a newer one stays. */
export const releaseLock: JobStep = {
  async run(ctx) {
    const { id, slug } = ctx.run.department;
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const [before] = await tx<{ status: string; locked: boolean; same: boolean }[]>`
        select status, locked_at is not null as locked,
          locked_at is not distinct from ${String(ctx.run.input["locked_at"])}::text::timestamptz as same
        from federation.department where id = ${id} for no key update`;
      if (before?.status === "active" && !before.locked) return;
      if (before?.status !== "suspended" || !before.same)
        throw conflict("locked_again", "The department was locked again, or is being destroyed.");
      await tx`update federation.department set status = 'active', locked_at = null, locked_by = null,
        lock_reason = null, updated_at = clock_timestamp() where id = ${id}`;
      await tx`update federation.api_client set status = 'active' where department_id = ${id} and status = 'pending'`;
      await emitEvent(tx, {
        type: "department.unlocked",
        departmentId: id,
        data: { department_id: slug, run: ctx.run.id },
      });
      record({ action: "department.release" });
    });
    return done();
  },
  async undo(ctx) {
    const { id, slug } = ctx.run.department;
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const [open] = await tx`
        select from federation.department where id = ${id} and locked_at is null and status in ('active', 'degraded')
        for no key update`;
      if (!open) return;
      const reason = "its unlock was taken back";
      const { lockedAt } = await putLock(tx, id, { by: ctx.run.requestedBy, reason });
      const data = { department_id: slug, locked_at: lockedAt, reason, run: ctx.run.id };
      await emitEvent(tx, { type: "department.locked", departmentId: id, data });
      record({ action: "department.lock" });
    });
  },
};

/** The undo of an unlock's credentials: a locked department has none. */
export async function dropCredentials(ctx: JobContext): Promise<void> {
  await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    const keys = await revokeCredentials(tx, ctx.run.department.id);
    for (const key of keys) record({ action: "client.revoke", meta: { key } });
  });
}
