import { done } from "../../src/provisioning/graph.ts";
import { insertResource } from "../../src/provisioning/resources.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

/** The department's own data key, wrapped by the KEK outside the database. */
export const encryptionKey: JobStep = {
  async run(ctx) {
    const keyId = await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const key = await ctx.deps.vault.ensureDepartmentKey(tx, ctx.run.department.id);
      await insertResource(ctx, tx, {
        provider: "federation",
        kind: "data_key",
        externalId: key.id,
        name: "department",
      });
      if (key.created) record({ action: "key.create", meta: { key: key.id } });
      return key.id;
    });
    return done({ key: keyId });
  },
  async undo(ctx) {
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      const keys = await ctx.deps.vault.destroyDepartmentKeys(tx, ctx.run.department.id);
      await tx`update federation.resource set deleted_at = clock_timestamp()
        where department_id = ${ctx.run.department.id} and kind = 'data_key' and deleted_at is null`;
      for (const key of keys) record({ action: "key.destroy", meta: { key } });
    });
  },
};
