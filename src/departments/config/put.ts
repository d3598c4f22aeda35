import type { DepartmentConfig } from "../../config-schema/department.ts";
import type { Ctx } from "../../context.ts";
import { resolveDepartment } from "../resolve.ts";
import { type ConfigStored, storeChange } from "./store-change.ts";

/** Stores a new version of a definition, unless it is only to be shown what it changes. Throws as `storeChange`. */
export async function putConfig(
  ctx: Ctx,
  idOrSlug: string,
  input: { expected_version: number; config: DepartmentConfig },
  { dryRun = false } = {},
): Promise<ConfigStored> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const { config } = input;
  return storeChange(ctx, department, { action: "config.put", request: input, config, dryRun });
}
