import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { changeRollout } from "./change-rollout.ts";

/**
 * Brings every department that a rollout changed back to its release of before; those under way follow once their
 * upgrade ended. Throws 409 `rolled_back` for one that was, `rollout_superseded` once a later one began, and
 * `rollout_running` while another lives.
 */
export async function rollBackRollout(ctx: Ctx, id: string) {
  return changeRollout(ctx, id, "rollout.roll_back", async (tx) => {
    const [later] = await tx`select from federation.rollout where id > ${id} limit 1`;
    if (later)
      throw conflict(
        "rollout_superseded",
        "A later rollout has begun; roll that one back, or begin another.",
      );
    const { count } = await tx`
      update federation.rollout set status = 'rolling_back', rollback = 'all', finished_at = null,
        wake_at = clock_timestamp(), reason = coalesce(reason, 'rolled back on request')
      where id = ${id} and status in ('running', 'paused', 'succeeded', 'stopped')`;
    if (count === 0) throw conflict("rolled_back", "The rollout is being, or was, rolled back.");
    await putBackAll(tx, id);
  });
}

/** What is done goes back, what has not begun never will. */
export async function putBackAll(tx: Tx, id: string): Promise<void> {
  await tx`
    update federation.rollout_department set status = 'rolling_back', finished_at = null
    where rollout_id = ${id} and status = 'done'`;
  await tx`
    update federation.rollout_department set status = 'skipped', finished_at = clock_timestamp(),
      error = 'the rollout was rolled back before its turn'
    where rollout_id = ${id} and status = 'pending'`;
}
