import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { releaseColumns, type ReleaseView } from "./release.ts";

/** Releases, oldest first. */
export async function listReleases(ctx: Ctx, query: PageQuery): Promise<Page<ReleaseView>> {
  const after = idAfter(query);
  const rows = await ctx.db.app<ReleaseView[]>`
    select ${releaseColumns(ctx.db.app)} from federation.release r
    where r.id > ${after ?? "00000000-0000-0000-0000-000000000000"} order by r.id limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
