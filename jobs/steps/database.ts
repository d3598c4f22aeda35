import { createDepartmentSchema } from "../../src/departments/schema/create-schema.ts";
import { done } from "../../src/provisioning/graph.ts";
import { recordResources } from "../../src/provisioning/resources.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";
import { dropDatabase } from "./drop-database.ts";

/** The department's schema and role with all tables and policies, in one round trip and one commit. */
export const database: JobStep = {
  async run(ctx) {
    const { department } = ctx.run;
    const { schemaName, roleName } = department;
    await recordResources(ctx, [
      { provider: "postgres", kind: "schema", externalId: schemaName, name: schemaName },
      { provider: "postgres", kind: "role", externalId: roleName, name: roleName },
    ]);
    const created = await stepTx(ctx, ctx.deps.db.provisioner, async (tx, record) => {
      const result = await createDepartmentSchema(tx, department);
      if (result.changed)
        record({ action: "schema.create", meta: { schema: schemaName, version: result.version } });
      return result;
    });
    return done({ schema: schemaName, role: roleName, version: created.version });
  },
  async undo(ctx) {
    await dropDatabase.run(ctx);
  },
};
