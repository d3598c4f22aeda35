import type { Ctx } from "../context.ts";
import { conflict } from "../errors.ts";
import { changeRollout } from "./change-rollout.ts";

/** Lets a paused rollout go on where it was. Throws 409 `not_paused`. */
export async function resumeRollout(ctx: Ctx, id: string) {
  return changeRollout(ctx, id, "rollout.resume", async (tx) => {
    const { count } = await tx`
      update federation.rollout set status = 'running', wake_at = clock_timestamp()
      where id = ${id} and status = 'paused'`;
    if (count === 0) throw conflict("not_paused", "Only a paused rollout can be resumed.");
  });
}
