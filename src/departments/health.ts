import type { Ctx } from "../context.ts";
import { resolveDepartment } from "./resolve.ts";

export interface HealthView {
  department_id: string;
  status: string;
  checked_at: string | null;
  checks: { agent: { status: "ready" | "unhealthy" | "absent"; detail: string } };
}

const timeoutMs = 5000;

/** Asks the department's agent how it is, now. */
export async function showDepartmentHealth(ctx: Ctx, idOrSlug: string): Promise<HealthView> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const agent = department.agentUrl
    ? await ctx.agents.health(department.agentUrl, AbortSignal.timeout(timeoutMs))
    : { status: "absent" as const, detail: "The department has no agent." };
  return {
    department_id: department.slug,
    status: department.status,
    checked_at: new Date().toISOString(),
    checks: { agent },
  };
}
