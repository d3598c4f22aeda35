import { type Checked, checkDepartment, type SchemaDrift } from "./check-department.ts";
import type { DriftMeans } from "./look-for-drift.ts";

/** Few at a time: n8n and the hosts have runs to serve, and Railway's calls are counted. */
const lanes = 4;

/**
 * Looks at every active department, those first whose last look is the longest ago, until `signal` says stop; what went
 * wrong at one keeps nobody from the others. `found` is told of each look.
 */
export async function checkAllForDrift(
  means: DriftMeans,
  schemas: SchemaDrift,
  signal: AbortSignal,
  found: (departmentId: string, checked: Checked) => Promise<void>,
): Promise<void> {
  const rows = await means.db.app<{ id: string }[]>`
    select d.id from federation.department d left join federation.drift_report r on r.department_id = d.id
    where d.status in ('active', 'degraded') and d.locked_at is null
    order by r.checked_at nulls first, d.id`;
  const ids = rows.map(({ id }) => id).values();
  const lane = async () => {
    for (const id of ids) {
      if (signal.aborted) return;
      try {
        const checked = await checkDepartment(means, id, schemas, signal);
        if (checked) await found(id, checked);
      } catch (err) {
        means.log.warn({ err, department: id }, "could not look for drift");
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
