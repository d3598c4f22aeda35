import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { type ApprovalView, selectApprovals } from "./approval.ts";

/** Requests for a second person's approval and what became of them, oldest first, a page at a time. */
export async function listApprovals(
  ctx: Ctx,
  query: PageQuery & { status?: ApprovalView["status"] | undefined },
): Promise<Page<ApprovalView>> {
  const { app } = ctx.db;
  const after = idAfter(query) ?? null;
  const rows = await app<ApprovalView[]>`
    select * from (${selectApprovals(app)}) a
    where (${after}::uuid is null or a.id > ${after}::uuid)
      and (${query.status ?? null}::text is null or a.status = ${query.status ?? null})
    order by a.id limit ${query.limit + 1}`;
  return pageOf(rows, query);
}
