import type { Ctx } from "../../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../../db/cursor.ts";
import { deliveryColumns, type DeliveryView } from "./delivery.ts";
import { readEndpoint } from "./endpoint.ts";

/** What was sent to an endpoint and how it went, the newest event first. */
export async function listDeliveries(
  ctx: Ctx,
  endpointId: string,
  query: PageQuery,
): Promise<Page<DeliveryView>> {
  const before = idAfter(query);
  const sql = ctx.db.app;
  await readEndpoint(ctx, sql, endpointId);
  const rows = await sql<DeliveryView[]>`
    select ${deliveryColumns(sql)} from federation.webhook_delivery v
    join federation.webhook_event e on e.id = v.event_id
    where v.endpoint_id = ${endpointId} and ${before === undefined ? sql`true` : sql`v.event_id < ${before}`}
    order by v.event_id desc limit ${query.limit + 1}`;
  // Pages go by the event, whose id is its age.
  const { next_cursor } = pageOf(
    rows.map(({ event_id }) => ({ id: event_id })),
    query,
  );
  return { items: rows.slice(0, query.limit), next_cursor };
}
