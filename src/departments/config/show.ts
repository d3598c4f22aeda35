import type { DepartmentConfig } from "../../config-schema/department.ts";
import type { Ctx } from "../../context.ts";
import type { Sql, Tx } from "../../db/tx.ts";
import { notFound } from "../../errors.ts";
import { type Department, resolveDepartment } from "../resolve.ts";

interface ConfigView {
  department_id: string;
  version: number;
  config: DepartmentConfig;
  created_by: string;
  created_at: string;
}

/** The definition a department has now, and where: a version counts in its own environment only. */
export async function showConfig(ctx: Ctx, idOrSlug: string) {
  const department = await resolveDepartment(ctx, idOrSlug);
  const shown = await readVersion(ctx.db.app, department, department.configVersion);
  return { environment: ctx.config.environment, ...shown };
}

/** One version of it. Throws 404 for a version that never was. */
export async function readVersion(
  sql: Sql | Tx,
  department: Department,
  version: number,
): Promise<ConfigView> {
  const [row] = await sql<ConfigView[]>`
    select version, document as config, created_by, to_json(created_at)#>>'{}' as created_at
    from federation.department_config where department_id = ${department.id} and version = ${version}`;
  if (!row) throw notFound();
  return { ...row, department_id: department.slug };
}
