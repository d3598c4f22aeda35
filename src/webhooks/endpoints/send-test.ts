import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { conflict, FederationError } from "../../errors.ts";
import { completeIdempotency } from "../../idempotency/request.ts";
import { webhookEvent } from "../webhook-event.ts";
import { deliveryColumns, type DeliveryView } from "./delivery.ts";
import { lockEndpoint } from "./endpoint.ts";

/** Sends a `webhook.test` to this endpoint only. Throws 409 `endpoint_off`. */
export async function sendTest(ctx: Ctx, id: string): Promise<DeliveryView> {
  return withTx(ctx.db.app, async (tx) => {
    const { department } = await lockEndpoint(ctx, tx, id);
    const eventId = Bun.randomUUIDv7();
    const data = tx.json({ endpoint: id });
    await tx`
      insert into federation.webhook_event (id, type, department_id, data, fanned_out_at)
      values (${eventId}, 'webhook.test', ${department ?? null}, ${data}, clock_timestamp())`;
    const made = await tx`
      insert into federation.webhook_delivery (endpoint_id, event_id)
      select id, ${eventId} from federation.webhook_endpoint where id = ${id} and status = 'active'`;
    if (made.count === 0) throw conflict("endpoint_off", "The endpoint is off; switch it on first.");
    const [view] = await tx<DeliveryView[]>`
      select ${deliveryColumns(tx)} from federation.webhook_delivery v
      join federation.webhook_event e on e.id = v.event_id where v.event_id = ${eventId}`;
    if (!view) throw new FederationError("internal", "The delivery was not stored.");
    await completeIdempotency(tx, ctx, 202, view);
    await appendAudit(tx, [webhookEvent(ctx, { id, department }, "webhook_endpoint.test")]);
    return view;
  });
}
