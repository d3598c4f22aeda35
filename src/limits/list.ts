import type { Ctx } from "../context.ts";
import type { PolicyView } from "./limit.ts";

/** The installation's limits; a kind that is not there is not limited. */
export async function listLimits(ctx: Ctx): Promise<PolicyView[]> {
  const rows = await ctx.db.app<PolicyView[]>`
    select kind, hits, window_seconds from federation.rate_policy order by kind`;
  return [...rows];
}
