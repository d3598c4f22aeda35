import type { Sql } from "../db/tx.ts";
import { type Department, departmentColumns } from "../departments/resolve.ts";
import { isInSync } from "./drift-report.ts";
import { type DriftMeans, lookForDrift } from "./look-for-drift.ts";
import { storeDrift } from "./store-drift.ts";

export interface Checked {
  slug: string;
  inSync: boolean | null;
}

/** By the name of the schema; asked again for each department, so whoever gives it may remember it. */
export type SchemaDrift = () => Promise<ReadonlyMap<string, string[]>>;

/**
 * Looks at one department and stores what was found. Undefined where it is not looked at: it is not active, or a run is
 * at work on it, or was before the look ended.
 */
export async function checkDepartment(
  means: DriftMeans,
  departmentId: string,
  schemas: SchemaDrift,
  signal: AbortSignal,
): Promise<Checked | undefined> {
  const found = await readSettled(means.db.app, departmentId);
  if (!found) return undefined;
  const { beganAt, ...department } = found;
  const ofSchema = async () => (await schemas()).get(department.schemaName) ?? [];
  const report = await lookForDrift(means, department, ofSchema, signal);
  if (!(await storeDrift(means.db.app, { department, report, beganAt }))) return undefined;
  return { slug: department.slug, inSync: isInSync(report) };
}

/** The department while it should be as its definition says. */
async function readSettled(
  sql: Sql,
  departmentId: string,
): Promise<(Department & { beganAt: string }) | undefined> {
  const [found] = await sql<(Department & { beganAt: string })[]>`
    select ${departmentColumns(sql)}, clock_timestamp()::text as "beganAt"
    from federation.department d
    where id = ${departmentId} and status in ('active', 'degraded') and locked_at is null
      and not exists (select from federation.run r where r.department_id = d.id and r.finished_at is null)`;
  return found;
}
