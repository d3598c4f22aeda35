import type { Ctx } from "../context.ts";
import { type Department, resolveDepartment } from "./resolve.ts";

export interface DepartmentView {
  id: string;
  department_id: string;
  name: string;
  status: Department["status"];
  host: string;
  region: string | null;
  release: string;
  config_version: number;
  admin_email: string;
  deployment_url: string | null;
  created_at: string;
  updated_at: string;
  deprovisioned_at: string | null;
  locked_at: string | null;
  lock_reason: string | null;
}

/** One department as the API shows it; physical names stay inside. */
export async function showDepartment(ctx: Ctx, idOrSlug: string): Promise<DepartmentView> {
  return departmentView(await resolveDepartment(ctx, idOrSlug));
}

export function departmentView(department: Department): DepartmentView {
  return {
    id: department.id,
    department_id: department.slug,
    name: department.name,
    status: department.status,
    host: department.host,
    region: department.region,
    release: department.release,
    config_version: department.configVersion,
    admin_email: department.adminEmail,
    deployment_url: department.agentUrl,
    created_at: department.createdAt.toISOString(),
    updated_at: department.updatedAt.toISOString(),
    deprovisioned_at: department.deprovisionedAt?.toISOString() ?? null,
    locked_at: department.lockedAt?.toISOString() ?? null,
    lock_reason: department.lockReason,
  };
}
