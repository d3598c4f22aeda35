import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import type { KnownHealth } from "./store-check.ts";

export interface HealthSummary extends Pick<KnownHealth, "failures" | "heal"> {
  id: string;
  department_id: string;
  host: string;
  /** The department's. */
  status: string;
  health: KnownHealth["status"];
  since: string | null;
  checked_at: string | null;
  /** What was not well at the last look. */
  failed: string[];
}

/** How every department that is active, degraded or suspended is by the last look at it, a page at a time. */
export async function listHealth(ctx: Ctx, query: PageQuery): Promise<Page<HealthSummary>> {
  const after = idAfter(query) ?? null;
  const rows = await ctx.db.app<HealthSummary[]>`
    select d.id, d.slug as department_id, d.host, d.status, coalesce(h.status, 'unknown') as health,
      to_json(h.since)#>>'{}' as since, coalesce(h.failures, 0) as failures, coalesce(h.heal, 'none') as heal,
      to_json(h.checked_at)#>>'{}' as checked_at,
      array(select part.key from jsonb_each(last.detail) part
        where part.value->>'status' in ('failed', 'starting') order by 1) as failed
    from federation.department d left join federation.department_health h on h.department_id = d.id
      left join lateral (select detail from federation.health_check c where c.department_id = d.id
        order by at desc limit 1) last on true
    where d.status in ('active', 'degraded', 'suspended') and (${after}::uuid is null or d.id > ${after}::uuid)
    order by d.id limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
