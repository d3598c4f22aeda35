import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { auditActor } from "../members/audit-actor.ts";
import { lockKey } from "./lock-key.ts";

/**
 * Ends a key at once; every process knows within a second. Revoking it again changes nothing. Throws the same 404 for
 * a missing key and one out of the caller's reach, 403 for the key of a higher role.
 */
export async function revokeApiKey(ctx: Ctx, id: string): Promise<void> {
  await withTx(ctx.db.app, async (tx) => {
    const key = await lockKey(ctx, tx, { id });
    if (key.status === "revoked") return;
    await tx`
      update federation.api_client set status = 'revoked', revoked_at = clock_timestamp()
      where id = ${id} and status <> 'revoked'`;
    const event = {
      ...auditActor(ctx),
      stream: key.department ?? PLATFORM_STREAM,
      action: "key.revoke",
      target: id,
    };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { key: key.key_id } }]);
  });
}
