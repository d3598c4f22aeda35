import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import type { AlertView } from "./alert-view.ts";

/** Alerts of the whole platform, oldest first, a page at a time. */
export async function listAlerts(
  ctx: Ctx,
  query: PageQuery & { status?: AlertView["status"] | undefined },
): Promise<Page<AlertView>> {
  const after = idAfter(query) ?? null;
  const status = query.status ?? null;
  const rows = await ctx.db.app<AlertView[]>`
    select a.id, a.name, a.subject, d.slug as department_id, a.severity, a.summary, a.status,
      to_json(a.fired_at)#>>'{}' as fired_at, to_json(a.resolved_at)#>>'{}' as resolved_at
    from federation.alert a left join federation.department d on d.id = a.department_id
    where (${after}::uuid is null or a.id > ${after}::uuid) and (${status}::text is null or a.status = ${status})
    order by a.id limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
