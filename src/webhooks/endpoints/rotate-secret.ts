import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { conflict } from "../../errors.ts";
import { completeSecret } from "../../idempotency/request.ts";
import { prepareSecret, storeSecret } from "../secrets.ts";
import { webhookEvent } from "../webhook-event.ts";
import { type EndpointView, lockEndpoint, readEndpoint } from "./endpoint.ts";

/** Gives an endpoint another secret, shown once; for 24 h every message is signed with both. Throws 409 `not_signed` for Slack's format. */
export async function rotateEndpointSecret(ctx: Ctx, id: string): Promise<EndpointView & { secret: string }> {
  const secret = await prepareSecret(ctx.vault);
  return withTx(ctx.db.app, async (tx) => {
    const { department, format } = await lockEndpoint(ctx, tx, id);
    if (format === "slack")
      throw conflict(
        "not_signed",
        "Nothing is signed in Slack's format; change the URL, which is the secret.",
      );
    await storeSecret(tx, { endpointId: id }, secret);
    const view = await readEndpoint(ctx, tx, id);
    await completeSecret(tx, ctx);
    await appendAudit(tx, [webhookEvent(ctx, { id, department }, "webhook_endpoint.rotate_secret")]);
    return { ...view, secret: secret.text.reveal() };
  });
}
