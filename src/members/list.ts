import { and, asc, eq, gt, sql as text } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/pg-core";
import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { isoText, isoTextOrNull, select } from "../db/select.ts";
import { departmentTable, memberTable } from "../db/tables.ts";
import type { MemberView } from "./member.ts";

/** People, a page at a time. Who belongs to a department sees that one's only. */
export async function listMembers(ctx: Ctx, query: PageQuery): Promise<Page<MemberView>> {
  const after = idAfter(query);
  const { departmentId } = ctx.caller;
  const rows = await select(
    ctx.db.app,
    new QueryBuilder()
      .select({
        id: memberTable.id,
        email: memberTable.email,
        role: memberTable.role,
        department_id: text<string | null>`${departmentTable.slug}`.as("department_id"),
        created_at: isoText(memberTable.createdAt, "created_at"),
        disabled_at: isoTextOrNull(memberTable.disabledAt, "disabled_at"),
      })
      .from(memberTable)
      .leftJoin(departmentTable, eq(departmentTable.id, memberTable.departmentId))
      .where(
        and(
          after === undefined ? undefined : gt(memberTable.id, after),
          departmentId === undefined ? undefined : eq(memberTable.departmentId, departmentId),
        ),
      )
      .orderBy(asc(memberTable.id))
      .limit(query.limit + 1),
  );
  return pageOf(rows, query);
}
