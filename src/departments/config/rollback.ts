import type { Ctx } from "../../context.ts";
import { resolveDepartment } from "../resolve.ts";
import { readVersion } from "./show.ts";
import { type ConfigStored, storeChange } from "./store-change.ts";

/**
 * Makes an earlier version the present one, as a new version; where it runs stays as it is. Throws 404 for a version
 * that never was, and as `storeChange`.
 */
export async function rollbackConfig(
  ctx: Ctx,
  idOrSlug: string,
  input: { to_version: number; expected_version: number },
  { dryRun = false } = {},
): Promise<ConfigStored> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const version = await readVersion(ctx.db.app, department, input.to_version);
  const { host: _, region: __, ...config } = version.config;
  return storeChange(ctx, department, { action: "config.rollback", request: input, config, dryRun });
}
