import type { Ctx } from "../context.ts";
import { conflict } from "../errors.ts";
import { changeRollout } from "./change-rollout.ts";

/** Begins no further upgrade; those under way go to their end. Throws 409 `not_running`. */
export async function pauseRollout(ctx: Ctx, id: string) {
  return changeRollout(ctx, id, "rollout.pause", async (tx) => {
    const { count } = await tx`
      update federation.rollout set status = 'paused' where id = ${id} and status = 'running'`;
    if (count === 0) throw conflict("not_running", "Only a running rollout can be paused.");
  });
}
