import type { Ctx } from "../context.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { conflict } from "../errors.ts";
import { type DriftReport, emptyReport } from "./drift-report.ts";

export interface DriftView extends DriftReport {
  department_id: string;
  /** Null while it is not known: never looked at, or some part could not be. */
  in_sync: boolean | null;
  checked_at: string | null;
  /** Since when it differs. */
  found_at: string | null;
}

/** What the last look at the department found. Throws 409 `deprovisioned`. */
export async function showDrift(ctx: Ctx, idOrSlug: string): Promise<DriftView> {
  const department = await resolveDepartment(ctx, idOrSlug);
  if (department.status === "deprovisioned")
    throw conflict("deprovisioned", "The department is gone, and its workflows with it.");
  const [row] = await ctx.db.app<
    { inSync: boolean | null; report: DriftReport; checkedAt: Date; foundAt: Date | null }[]
  >`
    select in_sync as "inSync", report, checked_at as "checkedAt", found_at as "foundAt"
    from federation.drift_report where department_id = ${department.id}`;
  return {
    department_id: department.slug,
    in_sync: row?.inSync ?? null,
    checked_at: row?.checkedAt.toISOString() ?? null,
    found_at: row?.foundAt?.toISOString() ?? null,
    ...(row?.report ?? emptyReport),
  };
}
