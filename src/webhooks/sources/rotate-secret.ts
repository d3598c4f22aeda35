import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { forbidden } from "../../errors.ts";
import { completeSecret } from "../../idempotency/request.ts";
import { prepareSecret, storeSecret } from "../secrets.ts";
import { webhookEvent } from "../webhook-event.ts";
import { lockSource, readSourceView, type SourceView } from "./source.ts";

/**
 * Gives a source another secret, shown once; the old one counts for 24 h more. Only whom a source speaks for may, since
 * who knows the secret acts as they do: 403 `not_yours` for another person's.
 */
export async function rotateSourceSecret(ctx: Ctx, id: string): Promise<SourceView & { secret: string }> {
  const secret = await prepareSecret(ctx.vault);
  return withTx(ctx.db.app, async (tx) => {
    const { department, member } = await lockSource(ctx, tx, id);
    if (member !== undefined && member !== ctx.caller.id)
      throw forbidden("not_yours", "Only the person whom a source speaks for gets its secret.");
    await storeSecret(tx, { sourceId: id }, secret);
    const view = await readSourceView(ctx, tx, id);
    await completeSecret(tx, ctx);
    await appendAudit(tx, [webhookEvent(ctx, { id, department }, "webhook_source.rotate_secret")]);
    return { ...view, secret: secret.text.reveal() };
  });
}
