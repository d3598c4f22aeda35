import type { Ctx } from "../context.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { upgradeDepartment } from "../departments/upgrade.ts";

/** Begins an upgrade to the release that the department has: what is right stays, the rest is put right. Throws as that. */
export async function repairDepartment(ctx: Ctx, idOrSlug: string) {
  const { id, host, release } = await resolveDepartment(ctx, idOrSlug);
  return upgradeDepartment(ctx, id, host === "local" ? {} : { release });
}
