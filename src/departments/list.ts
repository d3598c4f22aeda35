import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { type Department, departmentColumns } from "./resolve.ts";
import { type DepartmentView, departmentView } from "./show.ts";

/** Departments by age, a page at a time. A caller that belongs to a department sees that one only. */
export async function listDepartments(
  ctx: Ctx,
  query: PageQuery & { status?: string | undefined },
): Promise<Page<DepartmentView>> {
  const after = idAfter(query) ?? null;
  const rows = await ctx.db.app<Department[]>`
    select ${departmentColumns(ctx.db.app)}
    from federation.department
    where (${after}::uuid is null or id > ${after}::uuid)
      and (${query.status ?? null}::text is null or status = ${query.status ?? null})
      and (${ctx.caller.departmentId ?? null}::uuid is null or id = ${ctx.caller.departmentId ?? null}::uuid)
    order by id limit ${query.limit + 1}`;
  return pageOf(rows.map(departmentView), query);
}
