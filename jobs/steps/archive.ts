import { exportDepartment } from "../../src/departments/export.ts";
import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

/** The last copy of the department's data, written and checked before anything is destroyed. */
export const archive: JobStep = {
  deadlineSeconds: 3600,
  async run(ctx) {
    const { id } = ctx.run.department;
    const exported = ctx.run.input["export"] === false ? undefined : await exportDepartment(ctx);
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      if (exported) {
        const { location, bytes, sha256, tables } = exported;
        await tx`
          insert into federation.archive (department_id, run_id, location, bytes, sha256, tables)
          values (${id}, ${ctx.run.id}, ${location}, ${bytes}, ${sha256}, ${tx.json(tables)})
          on conflict (department_id) do update set run_id = excluded.run_id, location = excluded.location,
            bytes = excluded.bytes, sha256 = excluded.sha256, tables = excluded.tables,
            created_at = clock_timestamp()`;
        record({ action: "archive.write", meta: { bytes, sha256 } });
      }
      await tx`update federation.department set status = 'deprovisioning', updated_at = clock_timestamp()
        where id = ${id} and status = 'suspended'`;
    });
    if (exported) await ctx.deps.artifacts.keepOnly(exported.location);
    return exported ? done({ bytes: exported.bytes, sha256: exported.sha256 }) : done({ exported: false });
  },
};
