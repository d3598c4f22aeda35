import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import { type InstanceView, selectInstance } from "./instance.ts";

/** Takes an instance out of the pool for good and destroys its key. Throws 404, 409 `instance_leased` in use. */
export async function retireInstance(ctx: Ctx, id: string): Promise<InstanceView> {
  return withTx(ctx.db.app, async (tx) => {
    const { count } = await tx`
      update federation.n8n_instance set status = 'retired', api_key_sealed = null, leased_at = null
      where id = ${id} and status <> 'retired' and department_id is null`;
    const view = await selectInstance(tx, id);
    if (view.status !== "retired") throw conflict("instance_leased", "A department uses this instance.");
    if (count === 0) return view;
    const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action: "n8n_instance.retire", target: id };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { base_url: view.base_url } }]);
    return view;
  });
}
