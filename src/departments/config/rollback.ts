import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { resolveDepartment } from "../resolve.ts";
import { type ConfigStored, storeVersion } from "./put.ts";
import { readVersion } from "./show.ts";

/** Makes an earlier version the present one, as a new version; where it runs stays as it is. Throws 404 and 409 as reading and storing one does. */
export async function rollbackConfig(
  ctx: Ctx,
  idOrSlug: string,
  input: { to_version: number; expected_version: number },
): Promise<ConfigStored> {
  return withTx(ctx.db.app, async (tx) => {
    const department = await resolveDepartment(ctx, idOrSlug, tx);
    const version = await readVersion(tx, department, input.to_version);
    const { host: _, region: __, ...config } = version.config;
    return storeVersion(ctx, tx, department, {
      expected: input.expected_version,
      config,
      action: "config.rollback",
    });
  });
}
