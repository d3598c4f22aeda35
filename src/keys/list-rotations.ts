import type { Ctx } from "../context.ts";
import { rotationColumns, type RotationView } from "./rotation.ts";

/** The last rotations of keys, the newest first, with how far each is. */
export async function listRotations(ctx: Ctx, { limit }: { limit: number }): Promise<RotationView[]> {
  const { app } = ctx.db;
  const rows = await app<RotationView[]>`
    select ${rotationColumns(app)} from federation.key_rotation order by id desc limit ${limit}`;
  return [...rows];
}
