import type { Ctx } from "../context.ts";
import { type RolloutDetail, selectRollout } from "./rollout.ts";

/** A rollout with each of its departments, in the order of their turns. Throws 404. */
export async function showRollout(ctx: Ctx, id: string): Promise<RolloutDetail> {
  const view = await selectRollout(ctx.db.app, id);
  const items = await ctx.db.app<RolloutDetail["items"][number][]>`
    select d.slug as department_id, p.batch, p.status, p.release_before, p.release_after, p.run_id, p.rollback_run_id,
      p.error
    from federation.rollout_department p join federation.department d on d.id = p.department_id
    where p.rollout_id = ${id} order by p.batch, d.created_at, d.id`;
  return { ...view, items: [...items] };
}
