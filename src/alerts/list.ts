import type { Ctx } from "../context.ts";
import { idAfter, type NewestFirst, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import type { AlertView } from "./alert-view.ts";

/** Alerts of the whole platform, oldest first unless said, a page at a time. */
export async function listAlerts(
  ctx: Ctx,
  query: PageQuery & NewestFirst & { status?: AlertView["status"] | undefined },
): Promise<Page<AlertView>> {
  const sql = ctx.db.app;
  const after = idAfter(query) ?? null;
  const isNewestFirst = query.newestFirst === true;
  const status = query.status ?? null;
  const rows = await sql<AlertView[]>`
    select a.id, a.name, a.subject, d.slug as department_id, a.severity, a.summary, a.status,
      to_json(a.fired_at)#>>'{}' as fired_at, to_json(a.resolved_at)#>>'{}' as resolved_at
    from federation.alert a left join federation.department d on d.id = a.department_id
    where (${after}::uuid is null or a.id ${isNewestFirst ? sql`<` : sql`>`} ${after}::uuid)
      and (${status}::text is null or a.status = ${status})
    order by a.id ${isNewestFirst ? sql`desc` : sql``} limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
