import type { Ctx } from "../context.ts";
import { readDefinition } from "../departments/config/read-definition.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { upgradeDepartment } from "../departments/upgrade.ts";

/** So that a repair which does not help is not tried for ever. */
const hoursBetween = 6;

/**
 * Begins an upgrade at the present release where the department's definition says `drift.repair: automatic` and none was
 * begun this way within six hours. Answers whether it did.
 */
export async function repairByPolicy(ctx: Ctx, departmentId: string): Promise<boolean> {
  const { custom_config: custom } = await readDefinition(ctx.db.app, departmentId);
  if (custom?.drift?.repair !== "automatic") return false;
  const claimed = await ctx.db.app`
    update federation.drift_report set repaired_at = clock_timestamp()
    where department_id = ${departmentId} and in_sync is false
      and (repaired_at is null or repaired_at < clock_timestamp() - make_interval(hours => ${hoursBetween}))`;
  if (claimed.count === 0) return false;
  const { release } = await resolveDepartment(ctx, departmentId);
  await upgradeDepartment(ctx, departmentId, { release });
  return true;
}
