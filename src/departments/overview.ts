import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";

export interface OverviewRow {
  id: string;
  department_id: string;
  name: string;
  status: string;
  host: string;
  region: string | null;
  release: string;
  locked_at: string | null;
  /** By the last look at it. */
  health: "unknown" | "healthy" | "failing" | "unhealthy";
  checked_at: string | null;
  alerts: number;
  /** The last 24 hours, one letter each, the oldest first: `u` up in every look, `d` down in one, `-` nobody looked. */
  history: string;
}

export interface OverviewQuery extends PageQuery {
  status?: string | undefined;
  host?: string | undefined;
  /** Part of the name or the slug, in any case. */
  search?: string | undefined;
  /** One department only. */
  id?: string | undefined;
}

/** The fleet in one query, by age, a page at a time; those that are gone only when their status is asked for. */
export async function overviewDepartments(ctx: Ctx, query: OverviewQuery): Promise<Page<OverviewRow>> {
  const { status = null, host = null, search = null, id = null } = query;
  const after = idAfter(query) ?? null;
  const own = ctx.caller.departmentId ?? null;
  const pattern = search === null ? null : `%${search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const rows = await ctx.db.app<OverviewRow[]>`
    with page as (
      select d.* from federation.department d
      where (${after}::uuid is null or d.id > ${after}::uuid) and (${own}::uuid is null or d.id = ${own}::uuid)
        and (${id}::uuid is null or d.id = ${id}::uuid) and (${host}::text is null or d.host = ${host})
        and (case when ${status}::text is null then d.status <> 'deprovisioned' or ${id}::uuid is not null
          else d.status = ${status} end)
        and (${pattern}::text is null or d.name ilike ${pattern} or d.slug ilike ${pattern})
      order by d.id limit ${query.limit + 1}
    ), looked as (
      select h.department_id, date_bin('1 hour', h.at, 'epoch') as hour, bool_and(h.status = 'healthy') as up
      from federation.health_check h join page on page.id = h.department_id
      where h.at >= date_bin('1 hour', clock_timestamp(), 'epoch') - interval '23 hours'
      group by 1, 2
    ), history as (
      select page.id, string_agg(case when up then 'u' when not up then 'd' else '-' end, '' order by hours.hour) as text
      from page cross join generate_series(date_bin('1 hour', clock_timestamp(), 'epoch') - interval '23 hours',
          date_bin('1 hour', clock_timestamp(), 'epoch'), interval '1 hour') as hours(hour)
        left join looked on looked.department_id = page.id and looked.hour = hours.hour
      group by page.id
    ), open_alert as (
      select a.department_id, count(*)::int as alerts
      from federation.alert a join page on page.id = a.department_id where a.status = 'firing' group by 1
    )
    select page.id, page.slug as department_id, page.name, page.status, page.host, page.region, page.release,
      to_json(page.locked_at)#>>'{}' as locked_at, coalesce(h.status, 'unknown') as health,
      to_json(h.checked_at)#>>'{}' as checked_at, coalesce(a.alerts, 0) as alerts, history.text as history
    from page join history on history.id = page.id left join open_alert a on a.department_id = page.id
      left join federation.department_health h on h.department_id = page.id
    order by page.id`;
  return pageOf([...rows], query);
}
