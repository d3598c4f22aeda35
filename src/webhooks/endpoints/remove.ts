import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { webhookEvent } from "../webhook-event.ts";
import { lockEndpoint } from "./endpoint.ts";

/** Takes an endpoint away, with its secrets and deliveries. */
export async function removeEndpoint(ctx: Ctx, id: string): Promise<void> {
  await withTx(ctx.db.app, async (tx) => {
    const { department } = await lockEndpoint(ctx, tx, id);
    await tx`delete from federation.webhook_endpoint where id = ${id}`;
    await appendAudit(tx, [webhookEvent(ctx, { id, department }, "webhook_endpoint.remove")]);
  });
}
