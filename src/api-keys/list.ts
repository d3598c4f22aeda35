import { and, asc, eq, gt, or, sql as text } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/pg-core";
import { readOnRecord } from "../audit/read-on-record.ts";
import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { isoText, isoTextOrNull, select } from "../db/select.ts";
import { apiClientTable, memberTable } from "../db/tables.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import type { ApiKeyView } from "./api-key-view.ts";

export interface ApiKeyQuery extends PageQuery {
  department_id?: string | undefined;
  member_id?: string | undefined;
}

/** Keys, never their text. Who belongs to a department sees its keys and those of its people only; the look is on record. */
export async function listApiKeys(ctx: Ctx, query: ApiKeyQuery): Promise<Page<ApiKeyView>> {
  const after = idAfter(query);
  const wanted =
    query.department_id === undefined ? undefined : await resolveDepartment(ctx, query.department_id);
  const { departmentId } = ctx.caller;
  await readOnRecord(ctx, { action: "key.list", meta: { department: wanted?.id ?? null } });
  const within = (id: string) => or(eq(apiClientTable.departmentId, id), eq(memberTable.departmentId, id));
  const rows = await select(
    ctx.db.app,
    new QueryBuilder()
      .select(shown)
      .from(apiClientTable)
      .leftJoin(memberTable, eq(memberTable.id, apiClientTable.memberId))
      .where(
        and(
          after === undefined ? undefined : gt(apiClientTable.id, after),
          departmentId === undefined ? undefined : within(departmentId),
          wanted && within(wanted.id),
          query.member_id === undefined ? undefined : eq(apiClientTable.memberId, query.member_id),
        ),
      )
      .orderBy(asc(apiClientTable.id))
      .limit(query.limit + 1),
  );
  return pageOf(rows, query);
}

const shown = {
  id: text<string>`${apiClientTable.id}`.as("id"),
  key_id: apiClientTable.keyId,
  name: apiClientTable.name,
  member_id: apiClientTable.memberId,
  department: text<string | null>`${apiClientTable.departmentId}`.as("department"),
  scopes: apiClientTable.scopes,
  status: apiClientTable.status,
  created_at: isoText(apiClientTable.createdAt, "created_at"),
  expires_at: isoText(apiClientTable.expiresAt, "expires_at"),
  last_used_at: isoTextOrNull(apiClientTable.lastUsedAt, "last_used_at"),
  revoked_at: isoTextOrNull(apiClientTable.revokedAt, "revoked_at"),
};
