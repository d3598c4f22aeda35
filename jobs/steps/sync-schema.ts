import { migrateDepartments } from "../../src/departments/schema/migrate-departments.ts";
import { FederationError } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

/**
 * The department's schema brought to the newest template, which `fed migrate` may have left; nothing to do is one query.
 * It is not taken back: a template only ever adds, and what ran before goes on with it.
 */
export const syncSchema: JobStep = {
  deadlineSeconds: 120,
  async run(ctx) {
    const departmentId = ctx.run.department.id;
    await ctx.fence();
    const { version, failed } = await migrateDepartments(ctx.deps.db.provisioner, { departmentId });
    if (failed[0]) {
      const message = "The department's schema could not be brought to its newest template.";
      throw new FederationError("schema_failed", message, { cause: failed[0].message });
    }
    return done({ version });
  },
};
