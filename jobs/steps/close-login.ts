import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";

/** Takes the department's own database login away and ends its sessions, until none is left. */
export const closeLogin: JobStep = {
  async run(ctx) {
    // Once more when it did something: a session may have come in before the commit that closed the door.
    let closed = true;
    while (closed) closed = await closeOnce(ctx);
    return done();
  },
};

function closeOnce(ctx: JobContext): Promise<boolean> {
  const { roleName, suffix } = ctx.run.department;
  return stepTx(ctx, ctx.deps.db.provisioner, async (tx, record) => {
    const [open] = await tx`
      select from pg_roles r where rolname = ${roleName}
        and (rolcanlogin or exists (select from pg_stat_activity a where a.usename = r.rolname))`;
    if (!open) return false;
    await tx`select federation_roles.nologin(${suffix})`;
    record({ action: "database.nologin", meta: { role: roleName } });
    return true;
  });
}
