import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import type { GrantView } from "./grant.ts";
import { type Grant, selectGrant, shownStatus, viewGrant, withinReach } from "./grant-row.ts";

export interface GrantQuery extends PageQuery {
  status?: GrantView["status"] | undefined;
  /** Source or target. */
  department_id?: string | undefined;
}

/** Grants by age, a page at a time: those of a department as source or target, to the platform all of them. */
export async function listGrants(ctx: Ctx, query: GrantQuery): Promise<Page<GrantView>> {
  const after = idAfter(query) ?? null;
  const sql = ctx.db.app;
  const of =
    query.department_id === undefined ? null : (await resolveDepartment(ctx, query.department_id)).id;
  const rows = await sql<Grant[]>`
    ${selectGrant(sql)}
    where ${withinReach(sql, ctx)} and (${after}::uuid is null or g.id > ${after}::uuid)
      and (${of}::uuid is null or ${of}::uuid in (g.source, g.target))
      and (${query.status ?? null}::text is null or ${shownStatus(sql)} = ${query.status ?? null})
    order by g.id limit ${query.limit + 1}`;
  return pageOf(
    rows.map((row) => viewGrant(ctx, row)),
    query,
  );
}
