import type { Ctx } from "../context.ts";
import { badRequest } from "../errors.ts";
import { type DepartmentView, departmentView } from "./show.ts";
import { type Department, departmentColumns } from "./resolve.ts";
import { isUuid } from "../uuid.ts";

export interface DepartmentPage {
  items: DepartmentView[];
  next_cursor: string | null;
}

/** Departments by age, a page at a time. A caller that belongs to a department sees that one only. */
export async function listDepartments(
  ctx: Ctx,
  query: { cursor?: string | undefined; limit: number; status?: string | undefined },
): Promise<DepartmentPage> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  const rows = await ctx.db.app<Department[]>`
    select ${departmentColumns(ctx.db.app)}
    from federation.department
    where (${after}::uuid is null or id > ${after}::uuid)
      and (${query.status ?? null}::text is null or status = ${query.status ?? null})
      and (${ctx.caller.departmentId ?? null}::uuid is null or id = ${ctx.caller.departmentId ?? null}::uuid)
    order by id limit ${query.limit + 1}`;
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(departmentView),
    next_cursor: rows.length > query.limit && last ? Buffer.from(last.id).toString("base64url") : null,
  };
}

/** Ids are uuidv7, so the id is the age. */
function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString();
  if (!isUuid(id)) throw badRequest("bad_cursor", "The cursor is not one of ours.");
  return id;
}
