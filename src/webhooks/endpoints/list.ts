import type { Ctx } from "../../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../../db/cursor.ts";
import { endpointColumns, type EndpointView, withinReach } from "./endpoint.ts";

/** Endpoints, callbacks among them, never their secrets. Who belongs to a department sees its own. */
export async function listEndpoints(ctx: Ctx, query: PageQuery): Promise<Page<EndpointView>> {
  const after = idAfter(query);
  const sql = ctx.db.app;
  const rows = await sql<EndpointView[]>`
    select ${endpointColumns(sql)} from federation.webhook_endpoint w
    left join federation.department d on d.id = w.department_id
    where ${withinReach(ctx, sql)} and ${after === undefined ? sql`true` : sql`w.id > ${after}`}
    order by w.id limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
