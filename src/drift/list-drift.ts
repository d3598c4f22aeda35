import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { type DriftPart, driftedParts, type DriftReport } from "./drift-report.ts";

export interface DriftSummary {
  id: string;
  department_id: string;
  in_sync: boolean | null;
  drifted: DriftPart[];
  unknown: DriftPart[];
  checked_at: string | null;
  found_at: string | null;
}

interface Row {
  id: string;
  slug: string;
  inSync: boolean | null;
  report: DriftReport | null;
  checkedAt: Date | null;
  foundAt: Date | null;
}

/** How every department was by the last look at it, page by page. */
export async function listDrift(ctx: Ctx, query: PageQuery): Promise<Page<DriftSummary>> {
  const after = idAfter(query) ?? null;
  const rows = await ctx.db.app<Row[]>`
    select d.id, d.slug, r.in_sync as "inSync", r.report, r.checked_at as "checkedAt", r.found_at as "foundAt"
    from federation.department d left join federation.drift_report r on r.department_id = d.id
    where d.status <> 'deprovisioned' and (${after}::uuid is null or d.id > ${after}::uuid)
    order by d.id limit ${query.limit + 1}`;
  return pageOf(rows.map(summaryOf), query);
}

const summaryOf = ({ id, slug, inSync, report, checkedAt, foundAt }: Row): DriftSummary => ({
  id,
  department_id: slug,
  in_sync: inSync,
  drifted: report ? driftedParts(report) : [],
  unknown: report ? report.unknown.map(({ part }) => part) : [],
  checked_at: checkedAt?.toISOString() ?? null,
  found_at: foundAt?.toISOString() ?? null,
});
