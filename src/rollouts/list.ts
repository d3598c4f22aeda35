import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { rolloutColumns, type RolloutView } from "./rollout.ts";

/** Rollouts, oldest first. */
export async function listRollouts(ctx: Ctx, query: PageQuery): Promise<Page<RolloutView>> {
  const after = idAfter(query);
  const rows = await ctx.db.app<RolloutView[]>`
    select ${rolloutColumns(ctx.db.app)} from federation.rollout o join federation.release r on r.id = o.release_id
    where o.id > ${after ?? "00000000-0000-0000-0000-000000000000"} order by o.id limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
