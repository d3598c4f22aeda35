import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { instanceColumns, type InstanceView } from "./instance.ts";

/** The pool of n8n instances, oldest first, never a key. */
export async function listInstances(ctx: Ctx, query: PageQuery): Promise<Page<InstanceView>> {
  const after = idAfter(query);
  const rows = await ctx.db.app<InstanceView[]>`
    select ${instanceColumns(ctx.db.app)} from federation.n8n_instance i
    where i.id > ${after ?? "00000000-0000-0000-0000-000000000000"} order by i.id limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
