import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { withTx } from "../../db/tx.ts";
import { webhookEvent } from "../webhook-event.ts";
import { lockSource } from "./source.ts";

/** Ends a source at once: the next message of it is refused. */
export async function removeSource(ctx: Ctx, id: string): Promise<void> {
  await withTx(ctx.db.app, async (tx) => {
    const { department } = await lockSource(ctx, tx, id);
    await tx`delete from federation.webhook_source where id = ${id}`;
    await appendAudit(tx, [webhookEvent(ctx, { id, department }, "webhook_source.remove")]);
  });
}
