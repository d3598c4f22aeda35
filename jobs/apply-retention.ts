import { type ClosableWorkerDeps, systemContext } from "../src/deps.ts";
import { applyRetention } from "../src/retention/apply-retention.ts";

/** Takes away what departments' definitions do not keep any longer; a failure keeps nobody from the others. */
export async function applyAllRetention(deps: ClosableWorkerDeps): Promise<void> {
  const rows = await deps.db.app<{ id: string }[]>`
    select d.id from federation.department d
    join federation.department_config c on c.department_id = d.id and c.version = d.config_version
    where d.status in ('active', 'degraded') and d.locked_at is null and c.document ? 'data_retention'
    order by d.id`;
  for (const { id } of rows) {
    try {
      const { tables } = await applyRetention(systemContext(deps, "apply-retention"), id, { dryRun: false });
      const deleted = tables.reduce((sum, table) => sum + table.rows, 0);
      if (deleted > 0) deps.log.info({ department: id, deleted }, "retention applied");
    } catch (err) {
      deps.log.error({ err, department: id }, "retention failed");
    }
  }
}
