import type { Ctx } from "../context.ts";
import { resolveDepartment } from "./resolve.ts";

export interface HealthView {
  department_id: string;
  status: string;
  checked_at: string | null;
  /** What the workers know by their own looks; null before the first one. */
  known: {
    status: "unknown" | "healthy" | "failing" | "unhealthy";
    since: string;
    failures: number;
    heal: "none" | "restarted" | "redeployed" | "given_up";
    checked_at: string | null;
    checks: Record<string, { status: string; detail: string }> | null;
  } | null;
  checks: { agent: { status: "ready" | "unhealthy" | "absent"; detail: string } };
}

const timeoutMs = 5000;

/** Asks the department's agent how it is, now, and shows what the workers' last look found, who reach agents that web cannot. */
export async function showDepartmentHealth(ctx: Ctx, idOrSlug: string): Promise<HealthView> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const agent = department.agentUrl
    ? await ctx.agents.health(department.agentUrl, AbortSignal.timeout(timeoutMs))
    : { status: "absent" as const, detail: "The department has no agent." };
  return {
    department_id: department.slug,
    status: department.status,
    checked_at: new Date().toISOString(),
    known: await readKnown(ctx, department.id),
    checks: { agent },
  };
}

async function readKnown({ db }: Ctx, id: string): Promise<HealthView["known"]> {
  type Row = Omit<NonNullable<HealthView["known"]>, "since" | "checked_at"> & {
    since: Date;
    checkedAt: Date | null;
  };
  const [row] = await db.app<Row[]>`
    select h.status, h.since, h.failures, h.heal, h.checked_at as "checkedAt",
      (select c.detail from federation.health_check c where c.department_id = h.department_id
        order by c.at desc limit 1) as checks
    from federation.department_health h where h.department_id = ${id}`;
  if (!row) return null;
  const { since, checkedAt, ...known } = row;
  return { ...known, since: since.toISOString(), checked_at: checkedAt?.toISOString() ?? null };
}
