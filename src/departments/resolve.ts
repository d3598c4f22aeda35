import type { Ctx } from "../context.ts";
import type { Sql, Tx } from "../db/tx.ts";
import { notFound } from "../errors.ts";
import { isUuid } from "../uuid.ts";

/** As sql/0002 has them. */
export const departmentStatuses = [
  "provisioning",
  "active",
  "degraded",
  "suspended",
  "deprovisioning",
  "deprovisioned",
  "failed",
] as const;

export interface Department {
  id: string;
  slug: string;
  name: string;
  status: (typeof departmentStatuses)[number];
  suffix: string;
  schemaName: string;
  roleName: string;
  host: string;
  region: string | null;
  release: string;
  configVersion: number;
  adminEmail: string;
  agentUrl: string | null;
  createdAt: Date;
  updatedAt: Date;
  deprovisionedAt: Date | null;
  lockedAt: Date | null;
  lockReason: string | null;
}

/** What a Department is made of; for queries of their own. */
export const departmentColumns = (sql: Sql | Tx) => sql`
  id, slug, name, status, suffix, schema_name as "schemaName", role_name as "roleName", host, region, release,
  config_version as "configVersion", admin_email as "adminEmail", agent_url as "agentUrl",
  created_at as "createdAt", updated_at as "updatedAt", deprovisioned_at as "deprovisionedAt",
  locked_at as "lockedAt", lock_reason as "lockReason"`;

/**
 * A department by id or slug; of several that had the slug, the living one, else the last. Throws the same 404 when it
 * does not exist and when the caller belongs to another department.
 */
export async function resolveDepartment(
  ctx: Ctx,
  idOrSlug: string,
  sql: Sql | Tx = ctx.db.app,
): Promise<Department> {
  const [found] = await sql<Department[]>`
    select ${departmentColumns(sql)}
    from federation.department
    where ${isUuid(idOrSlug) ? sql`id = ${idOrSlug}` : sql`slug = ${idOrSlug}`}
    order by (status = 'deprovisioned'), created_at desc limit 1`;
  const { departmentId } = ctx.caller;
  if (!found || (departmentId !== undefined && departmentId !== found.id)) throw notFound();
  return found;
}
