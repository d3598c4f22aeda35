import { z } from "zod";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { conflict } from "../errors.ts";
import { publishSigningKey } from "../tokens/publish-signing-key.ts";
import { countUses } from "./count-uses.ts";
import type { RotationView } from "./rotation.ts";
import { startRotation } from "./start-rotation.ts";

export const rotateInput = z
  .strictObject({
    /** One of these four: whose data key, or which other key. */
    department_id: z.string().min(1).max(64).optional(),
    platform: z.literal(true).optional(),
    signing: z.literal(true).optional(),
    gateway_seal: z.literal(true).optional(),
  })
  .refine((input) => Object.values(input).filter((value) => value !== undefined).length === 1, {
    message: "name one of department_id, platform, signing and gateway_seal",
  });
export type RotateInput = z.infer<typeof rotateInput>;

/**
 * Begins the rotation of one key; a worker carries it on. A data key seals nothing new from now on. Throws 409
 * `rotation_running`, 409 `no_key` for a department whose keys are destroyed, 404 for an unknown one.
 */
export async function rotateKey(ctx: Ctx, input: RotateInput): Promise<RotationView> {
  return withTx(ctx.db.app, async (tx) => {
    if (input.signing) return rotateSigning(ctx, tx);
    // The worker makes it: web may not write what the gateway checks seals with.
    if (input.gateway_seal) return startRotation(ctx, tx, { kind: "gateway_seal", total: 1 });
    const departmentId =
      input.department_id === undefined
        ? undefined
        : (await resolveDepartment(ctx, input.department_id, tx)).id;
    return rotateData(ctx, tx, departmentId);
  });
}

async function rotateData(ctx: Ctx, tx: Tx, departmentId: string | undefined): Promise<RotationView> {
  const replaced = await ctx.vault.rotation.replaceDataKey(tx, departmentId);
  if (!replaced) throw conflict("no_key", "There is no key to replace.");
  const total = (await countUses(tx, [replaced.fromId])).get(replaced.fromId) ?? 0;
  return startRotation(ctx, tx, { kind: "data", departmentId, ...replaced, total });
}

async function rotateSigning(ctx: Ctx, tx: Tx): Promise<RotationView> {
  const { fromId, toId, waitSeconds } = await publishSigningKey(tx, ctx.vault);
  return startRotation(ctx, tx, { kind: "signing", fromId, toId, total: 1, waitSeconds });
}
