import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import type { OAuthClientView } from "./oauth-client.ts";
import { selectClient } from "./select-client.ts";

/** Takes a client out of the pool for good; its secret is destroyed. Throws 404, and 409 `client_leased` in use. */
export async function retireClient(ctx: Ctx, id: string): Promise<OAuthClientView> {
  return withTx(ctx.db.app, async (tx) => {
    const { count } = await tx`
      update federation.oauth_client set status = 'retired', secret_sealed = null, cooling_until = null
      where id = ${id} and status in ('free', 'cooling')`;
    const view = await selectClient(tx, id);
    if (view.status === "leased") throw conflict("client_leased", "A department uses this client.");
    const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action: "oauth_client.retire", target: id };
    if (count > 0) await appendAudit(tx, [{ ...event, decision: "done", meta: { project: view.project } }]);
    return view;
  });
}
