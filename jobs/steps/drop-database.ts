import { dropDepartmentSchema } from "../../src/departments/schema/drop-schema.ts";
import { inspectSchema } from "../../src/departments/schema/inspect-schema.ts";
import { done } from "../../src/provisioning/graph.ts";
import { markDeleted } from "../../src/provisioning/resources.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import { directAccess } from "./direct-access.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

/** Drops the department's schema, ends its sessions and drops its role, in one commit. */
export const dropDatabase: JobStep = {
  async run(ctx) {
    const { department } = ctx.run;
    // In a transaction of its own: a session that holds a lock on the schema must be gone before the schema goes.
    await directAccess.undo?.(ctx);
    await stepTx(ctx, ctx.deps.db.provisioner, async (tx, record) => {
      const { schemaOwner, roleExists } = await inspectSchema(tx, department);
      await dropDepartmentSchema(tx, department);
      if (schemaOwner === null && !roleExists) return;
      record({ action: "schema.drop", meta: { schema: department.schemaName } });
    });
    await markDeleted(ctx, "postgres", ["schema", "role"]);
    return done();
  },
};
