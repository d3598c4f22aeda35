import type { Ctx } from "../context.ts";
import type { Sql, Tx } from "../db/tx.ts";
import { notFound } from "../errors.ts";
import type { GrantView } from "./grant.ts";

export interface Grant extends Omit<GrantView, "source_department_id" | "target_department_id" | "limit"> {
  source: string;
  /** Null when nobody bears the name. */
  target: string | null;
  targetTyped: string | null;
  sourceSlug: string;
  targetSlug: string | null;
  queryLimit: number | null;
  queryWindowSeconds: number | null;
  requested_by: string;
  /** As it is stored: hours that passed are not counted yet. */
  storedStatus: "requested" | "approved" | "rejected" | "lapsed" | "revoked";
}

/** What a Grant is made of; `where` and `lock` go behind it. */
export const selectGrant = (sql: Sql | Tx) => sql`
  select g.id, g.source, g.target, g.target_name as "targetTyped", s.slug as "sourceSlug", t.slug as "targetSlug",
    g.permission, g.resource, g.reason, g.status as "storedStatus", ${shownStatus(sql)} as status, g.expires_in_days,
    g.query_limit as "queryLimit", g.query_window_seconds as "queryWindowSeconds", g.requested_by, g.approved_by,
    to_json(g.created_at)#>>'{}' as created_at, to_json(g.lapses_at)#>>'{}' as lapses_at,
    to_json(g.approved_at)#>>'{}' as approved_at, to_json(g.ended_at)#>>'{}' as ended_at, g.ended_reason,
    case when g.approved_by is not null then to_json(g.expires_at)#>>'{}' end as expires_at
  from federation.access_grant g join federation.department s on s.id = g.source
    left join federation.department t on t.id = g.target`;

/** A grant's status now. */
export const shownStatus = (sql: Sql | Tx) => sql`
  case when g.status = 'approved' and g.expires_at <= clock_timestamp() then 'expired'
    when g.status = 'requested' and g.lapses_at <= clock_timestamp() then 'lapsed' else g.status end`;

/** Whose grants the caller may see: as source or target; people of the platform all of them. */
export const withinReach = (sql: Sql | Tx, { caller }: Pick<Ctx, "caller">) => sql`
  (${caller.departmentId ?? null}::uuid is null or ${caller.departmentId ?? null}::uuid in (g.source, g.target))`;

/** One grant, locked for this transaction. Throws the same 404 for a missing one and one of others. */
export async function lockGrant(ctx: Ctx, tx: Tx, id: string): Promise<Grant> {
  const [grant] = await tx<Grant[]>`
    ${selectGrant(tx)} where g.id = ${id} and ${withinReach(tx, ctx)} for update of g`;
  if (!grant) throw notFound();
  return grant;
}

/** A grant as this caller may see it: nothing of the other side but its name. */
export function viewGrant({ caller }: Pick<Ctx, "caller">, grant: Grant): GrantView {
  const isTarget = caller.departmentId !== undefined && caller.departmentId === grant.target;
  const isSource = caller.departmentId !== undefined && !isTarget;
  const typed = grant.targetTyped ?? grant.targetSlug ?? "";
  return {
    id: grant.id,
    source_department_id: grant.sourceSlug,
    target_department_id: isTarget ? (grant.targetSlug ?? "") : typed,
    permission: grant.permission,
    resource: grant.resource,
    status: grant.status,
    reason: grant.reason,
    expires_in_days: grant.expires_in_days,
    limit: limitOf(grant),
    created_at: grant.created_at,
    lapses_at: grant.lapses_at,
    approved_at: grant.approved_at,
    expires_at: grant.expires_at,
    ended_at: grant.ended_at,
    ended_reason: grant.ended_reason,
    requested_by: isTarget ? null : grant.requested_by,
    approved_by: isSource ? null : grant.approved_by,
  };
}

function limitOf({ queryLimit, queryWindowSeconds }: Grant): GrantView["limit"] {
  if (queryLimit === null || queryWindowSeconds === null) return null;
  return { hits: queryLimit, window_seconds: queryWindowSeconds };
}
