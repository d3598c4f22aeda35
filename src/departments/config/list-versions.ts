import { and, desc, eq, lt } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/pg-core";
import type { Ctx } from "../../context.ts";
import { isoText, select } from "../../db/select.ts";
import { departmentConfigTable as table } from "../../db/tables.ts";
import { resolveDepartment } from "../resolve.ts";

export interface ConfigVersion {
  version: number;
  created_by: string;
  created_at: string;
}

/** The versions of a definition, the newest first, a page at a time: go on with `before` = the last one's number. */
export async function listConfigVersions(
  ctx: Ctx,
  idOrSlug: string,
  query: { before?: number | undefined; limit: number },
): Promise<{ items: ConfigVersion[] }> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const items = await select(
    ctx.db.app,
    new QueryBuilder()
      .select({
        version: table.version,
        created_by: table.createdBy,
        created_at: isoText(table.createdAt, "created_at"),
      })
      .from(table)
      .where(
        and(
          eq(table.departmentId, department.id),
          query.before === undefined ? undefined : lt(table.version, query.before),
        ),
      )
      .orderBy(desc(table.version))
      .limit(query.limit),
  );
  return { items };
}
