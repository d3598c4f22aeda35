import type { Ctx } from "../context.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import type { HealthStatus } from "./store-check.ts";

export interface PastCheck {
  /** Microseconds, as the database has it. */
  at: string;
  status: HealthStatus;
  checks: Record<string, { status: string; detail: string }>;
}

/** The looks at a department, newest first; kept for 30 days. `before` is the `at` of the last one seen. Throws 404. */
export async function listChecks(
  ctx: Ctx,
  idOrSlug: string,
  { before = null, limit }: { before?: string | null | undefined; limit: number },
): Promise<PastCheck[]> {
  const { id } = await resolveDepartment(ctx, idOrSlug);
  const rows = await ctx.db.app<PastCheck[]>`
    select to_json(at)#>>'{}' as at, status, detail as checks from federation.health_check
    where department_id = ${id} and (${before}::text is null or at < ${before}::text::timestamptz)
    order by at desc limit ${limit}`;
  return [...rows];
}
