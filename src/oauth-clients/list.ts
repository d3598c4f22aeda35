import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import type { OAuthClientView } from "./oauth-client.ts";
import { clientColumns } from "./select-client.ts";

/** The pool and the departments' own clients, oldest first, never a secret. */
export async function listClients(ctx: Ctx, query: PageQuery): Promise<Page<OAuthClientView>> {
  const after = idAfter(query);
  const rows = await ctx.db.app<OAuthClientView[]>`
    select ${clientColumns(ctx.db.app)} from federation.oauth_client c
    where c.id > ${after ?? "00000000-0000-0000-0000-000000000000"} order by c.id limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
