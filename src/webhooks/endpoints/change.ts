import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { webhookEvent } from "../webhook-event.ts";
import { type EndpointChange, type EndpointView, lockEndpoint, readEndpoint } from "./endpoint.ts";
import { failOpenDeliveries } from "./fail-open-deliveries.ts";
import { prepareUrl } from "./prepare-url.ts";

/**
 * Replaces what an endpoint is; `status: "active"` brings one back that was switched off. Its secret and its format
 * stay, and so does a secret URL when it is given as it is shown.
 */
export async function changeEndpoint(ctx: Ctx, id: string, change: EndpointChange): Promise<EndpointView> {
  const { format, url: shown } = await readEndpoint(ctx, ctx.db.app, id);
  const isKept = format === "slack" && change.url === shown;
  const url = isKept ? undefined : await prepareUrl(ctx, { id, format, url: change.url });
  return withTx(ctx.db.app, async (tx) => {
    const { department } = await lockEndpoint(ctx, tx, id);
    const isOff = change.status === "off";
    await tx`
      update federation.webhook_endpoint set description = ${change.description},
        types = ${change.types}, status = ${change.status}, updated_at = clock_timestamp(), failing_since = null,
        off_reason = case when ${isOff} then coalesce(off_reason, 'by_hand') end
      where id = ${id}`;
    if (url)
      await tx`update federation.webhook_endpoint set url = ${url.shown}, url_sealed = ${url.sealed} where id = ${id}`;
    if (isOff) await failOpenDeliveries(tx, id);
    const host = url?.host ?? "unchanged";
    const meta = { host, types: change.types.join(" "), status: change.status };
    const view = await readEndpoint(ctx, tx, id);
    await appendAudit(tx, [webhookEvent(ctx, { id, department }, "webhook_endpoint.change", meta)]);
    return view;
  });
}
