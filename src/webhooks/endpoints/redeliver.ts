import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { type Tx, withTx } from "../../db/tx.ts";
import { conflict, notFound } from "../../errors.ts";
import { completeIdempotency } from "../../idempotency/request.ts";
import { webhookEvent } from "../webhook-event.ts";
import { deliveryColumns, type DeliveryView } from "./delivery.ts";
import { withinReach } from "./endpoint.ts";

/**
 * Sends a message again, under its own id and from the start of the schedule. Throws 409 `being_sent` while it is on its
 * way anyway and `endpoint_off`.
 */
export async function redeliver(ctx: Ctx, id: string): Promise<DeliveryView> {
  return withTx(ctx.db.app, async (tx) => {
    const endpoint = await lockEndpointOf(ctx, tx, id);
    const [view] = await tx<DeliveryView[]>`
      update federation.webhook_delivery v set status = 'waiting', attempt = 0, due_at = clock_timestamp()
      from federation.webhook_event e
      where v.id = ${id} and v.status <> 'sending' and e.id = v.event_id returning ${deliveryColumns(tx)}`;
    if (!view) throw conflict("being_sent", "The message is being sent right now.");
    await completeIdempotency(tx, ctx, 202, view);
    await appendAudit(tx, [webhookEvent(ctx, { ...endpoint, id }, "webhook_delivery.redeliver")]);
    return view;
  });
}

async function lockEndpointOf(
  ctx: Ctx,
  tx: Tx,
  deliveryId: string,
): Promise<{ department: string | undefined }> {
  const [found] = await tx<{ department: string | null; status: string }[]>`
    select w.department_id as department, w.status from federation.webhook_delivery v
    join federation.webhook_endpoint w on w.id = v.endpoint_id
    where v.id = ${deliveryId} and ${withinReach(ctx, tx)} for no key update of w`;
  if (!found) throw notFound();
  if (found.status === "off") throw conflict("endpoint_off", "The endpoint is off; switch it on first.");
  return { department: found.department ?? undefined };
}
