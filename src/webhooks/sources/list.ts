import type { Ctx } from "../../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../../db/cursor.ts";
import { sourceColumns, sourcesWithinReach, type SourceView } from "./source.ts";

/** Who may send signed events, never their secrets. Who belongs to a department sees its own. */
export async function listSources(ctx: Ctx, query: PageQuery): Promise<Page<SourceView>> {
  const after = idAfter(query);
  const sql = ctx.db.app;
  const rows = await sql<SourceView[]>`
    select ${sourceColumns(ctx, sql)} from federation.webhook_source o
    left join federation.department d on d.id = o.department_id
    where ${sourcesWithinReach(ctx, sql)} and ${after === undefined ? sql`true` : sql`o.id > ${after}`}
    order by o.id limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
