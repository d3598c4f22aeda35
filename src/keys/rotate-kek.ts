import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import type { RotationView } from "./rotation.ts";
import { startRotation } from "./start-rotation.ts";

/**
 * Begins to wrap every data key with this installation's FEDERATION_KEK; a worker that has the same one carries it on.
 * Throws 409 `rotation_running`.
 */
export async function rotateKek(ctx: Ctx): Promise<RotationView> {
  const toId = ctx.vault.rotation.kekId;
  return withTx(ctx.db.app, async (tx) => {
    await ctx.vault.rotation.registerKek(tx);
    const [left] = await tx<{ total: number }[]>`
      select count(*)::int as total from federation.data_key where wrapped is not null and kek_id <> ${toId}`;
    return startRotation(ctx, tx, { kind: "kek", toId, total: left?.total ?? 0 });
  });
}
