import type { Ctx } from "../context.ts";
import { renderDepartments, type TerraformDepartment, type TerraformExport } from "./render-departments.ts";

/**
 * The departments that are on Railway as HCL with `import` blocks, and which ones are left out. Only names and
 * Railway's ids: no variable, no secret.
 */
export async function exportTerraform(ctx: Ctx): Promise<TerraformExport> {
  const { app: sql } = ctx.db;
  // The newest of a kind: an older one may be waiting to be found absent.
  const idOf = (kind: string) => sql`(
    select r.external_id from federation.resource r
    where r.department_id = d.id and r.provider = 'railway' and r.kind = ${kind}
      and r.deleted_at is null and r.orphaned_at is null
    order by r.created_at desc, r.id desc limit 1)`;
  const departments = await sql<TerraformDepartment[]>`
    select d.slug, d.name, d.host, d.status,
      ${idOf("railway_project")} as "projectId", ${idOf("railway_service")} as "serviceId"
    from federation.department d
    where d.status <> 'deprovisioned' order by d.slug collate "C"`;
  return renderDepartments(departments, ctx.config.environment);
}
