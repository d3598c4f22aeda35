import type { Ctx } from "../context.ts";
import { idAfter, type NewestFirst, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { rolloutColumns, type RolloutView } from "./rollout.ts";

/** Rollouts, oldest first unless said. */
export async function listRollouts(ctx: Ctx, query: PageQuery & NewestFirst): Promise<Page<RolloutView>> {
  const sql = ctx.db.app;
  const after = idAfter(query) ?? null;
  const isNewestFirst = query.newestFirst === true;
  const rows = await sql<RolloutView[]>`
    select ${rolloutColumns(sql)} from federation.rollout o join federation.release r on r.id = o.release_id
    where ${after}::uuid is null or o.id ${isNewestFirst ? sql`<` : sql`>`} ${after}::uuid
    order by o.id ${isNewestFirst ? sql`desc` : sql``} limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
