import type { Ctx } from "../context.ts";
import { notFound } from "../errors.ts";
import { rotationColumns, type RotationView } from "./rotation.ts";

/** How far a rotation is. Throws 404. */
export async function showRotation(ctx: Ctx, id: string): Promise<RotationView> {
  const { app } = ctx.db;
  const [rotation] = await app<RotationView[]>`
    select ${rotationColumns(app)} from federation.key_rotation where id = ${id}`;
  if (!rotation) throw notFound();
  return rotation;
}
