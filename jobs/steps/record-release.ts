import { conflict } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

/** The release that was proven becomes the department's. */
export const recordRelease: JobStep = {
  async run(ctx) {
    const release = String(ctx.run.input["release"]);
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const { count } = await tx`
        update federation.department set release = ${release}, updated_at = clock_timestamp()
        where id = ${ctx.run.department.id} and status in ('active', 'degraded') and locked_at is null`;
      if (count === 0) throw conflict("not_active", "The department is no longer active.");
      record({ action: "agent.release", meta: { release } });
    });
    return done({ release });
  },
  async undo(ctx) {
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const release = String(ctx.run.input["release_before"]);
      const { count } = await tx`
        update federation.department set release = ${release}, updated_at = clock_timestamp()
        where id = ${ctx.run.department.id} and release <> ${release}`;
      if (count > 0) record({ action: "agent.release", meta: { release } });
    });
  },
};
