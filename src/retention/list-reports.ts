import type { Ctx } from "../context.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import type { RetentionReport } from "./retention.ts";

const shownMax = 30;

/** The last reports on what the department's retention took away, or would have. Throws 404. */
export async function listRetentionReports(ctx: Ctx, idOrSlug: string): Promise<RetentionReport[]> {
  const { id } = await resolveDepartment(ctx, idOrSlug);
  const rows = await ctx.db.app<RetentionReport[]>`
    select id, to_json(at)#>>'{}' as at, dry_run, complete, tables from federation.retention_report
    where department_id = ${id} order by at desc, id desc limit ${shownMax}`;
  return [...rows];
}
