import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { webhookEvent } from "../webhook-event.ts";
import { checkUrl, type EndpointChange, type EndpointView, lockEndpoint, readEndpoint } from "./endpoint.ts";
import { failOpenDeliveries } from "./fail-open-deliveries.ts";

/** Replaces what an endpoint is; `status: "active"` brings one back that was switched off. Its secret stays. */
export async function changeEndpoint(ctx: Ctx, id: string, change: EndpointChange): Promise<EndpointView> {
  const host = checkUrl(ctx, change.url);
  return withTx(ctx.db.app, async (tx) => {
    const { department } = await lockEndpoint(ctx, tx, id);
    const isOff = change.status === "off";
    await tx`
      update federation.webhook_endpoint set url = ${change.url}, description = ${change.description},
        types = ${change.types}, status = ${change.status}, updated_at = clock_timestamp(), failing_since = null,
        off_reason = case when ${isOff} then coalesce(off_reason, 'by_hand') end
      where id = ${id}`;
    if (isOff) await failOpenDeliveries(tx, id);
    const meta = { host, types: change.types.join(" "), status: change.status };
    const view = await readEndpoint(ctx, tx, id);
    await appendAudit(tx, [webhookEvent(ctx, { id, department }, "webhook_endpoint.change", meta)]);
    return view;
  });
}
