import type { Ctx } from "../context.ts";
import { idAfter, type NewestFirst, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { releaseColumns, type ReleaseView } from "./release.ts";

/** Releases, oldest first unless said. */
export async function listReleases(ctx: Ctx, query: PageQuery & NewestFirst): Promise<Page<ReleaseView>> {
  const sql = ctx.db.app;
  const after = idAfter(query) ?? null;
  const isNewestFirst = query.newestFirst === true;
  const rows = await sql<ReleaseView[]>`
    select ${releaseColumns(sql)} from federation.release r
    where ${after}::uuid is null or r.id ${isNewestFirst ? sql`<` : sql`>`} ${after}::uuid
    order by r.id ${isNewestFirst ? sql`desc` : sql``} limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
