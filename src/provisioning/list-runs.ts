import type { Ctx } from "../context.ts";
import { type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { badRequest } from "../errors.ts";
import { isUuid } from "../uuid.ts";
import type { RunKind, RunStatus } from "./run.ts";

export interface RunView {
  id: string;
  department_id: string;
  department: string;
  kind: RunKind;
  status: RunStatus;
  error_code: string | null;
  created_at: string;
  finished_at: string | null;
}

/** Runs, newest first, a page at a time; of one department where `department` (its id) says so. */
export async function listRuns(
  ctx: Ctx,
  query: PageQuery & { department?: string | undefined },
): Promise<Page<RunView>> {
  const before = query.cursor === undefined ? null : Buffer.from(query.cursor, "base64url").toString();
  if (before !== null && !isUuid(before)) throw badRequest("bad_cursor", "The cursor is not one of ours.");
  const { department = null } = query;
  const own = ctx.caller.departmentId ?? null;
  const rows = await ctx.db.app<RunView[]>`
    select r.id, d.slug as department_id, d.id as department, r.kind, r.status, r.error_code,
      to_json(r.created_at)#>>'{}' as created_at, to_json(r.finished_at)#>>'{}' as finished_at
    from federation.run r join federation.department d on d.id = r.department_id
    where (${before}::uuid is null or r.id < ${before}::uuid) and (${own}::uuid is null or d.id = ${own}::uuid)
      and (${department}::uuid is null or d.id = ${department}::uuid)
    order by r.id desc limit ${query.limit + 1}`;
  return pageOf([...rows], query);
}
