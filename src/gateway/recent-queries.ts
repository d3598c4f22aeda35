import type { Ctx } from "../context.ts";
import { readOnRecord } from "../audit/read-on-record.ts";
import { resolveDepartment } from "../departments/resolve.ts";

export interface RecentQuery {
  query_id: string;
  at: string;
  query_type: string;
  decision: "allowed" | "denied" | "limited";
  reason: string | null;
  source_department_id: string | null;
  /** Null where it would tell the source whether somebody bears the name. */
  target_department_id: string | null;
}

/**
 * The last questions a department asked or was asked, newest first; the look is on record. Needs audit:read; throws 404
 * for another department.
 */
export async function recentQueries(
  ctx: Ctx,
  idOrSlug: string,
  { limit }: { limit: number },
): Promise<RecentQuery[]> {
  const department = await resolveDepartment(ctx, idOrSlug);
  await readOnRecord(ctx, { action: "gateway.list", meta: { department: department.slug } });
  const isOwn = ctx.caller.departmentId !== undefined;
  const rows = await ctx.db.app<RecentQuery[]>`
    select e.request_id as query_id, to_json(to_timestamp(e.at_us / 1000000.0))#>>'{}' as at,
      substr(e.action, 9) as query_type, e.decision, e.reason, s.slug as source_department_id,
      case when ${isOwn}::boolean and e.stream = ${department.id} and e.decision <> 'allowed' then null
        else coalesce(t.slug, e.target) end as target_department_id
    from (
      (select * from audit.event where stream = ${department.id} and starts_with(action, 'gateway.')
        and decision in ('allowed', 'denied', 'limited') and request_id is not null order by at_us desc limit ${limit})
      union
      (select * from audit.event where target = ${department.id} and starts_with(action, 'gateway.')
        and decision in ('allowed', 'denied', 'limited') and request_id is not null order by at_us desc limit ${limit})
    ) e left join federation.department s on s.id = e.stream left join federation.department t on t.id::text = e.target
    where e.action not in ('gateway.list', 'gateway.explain')
    order by e.at_us desc limit ${limit}`;
  return [...rows];
}
