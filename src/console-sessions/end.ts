import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { auditActor } from "../members/audit-actor.ts";
import { sessionTokenHash } from "./session-token.ts";

/** Signs out: the token opens nothing any more. */
export async function endConsoleSession(ctx: Ctx, token: string): Promise<void> {
  await withTx(ctx.db.app, async (tx) => {
    const ended =
      await tx`delete from federation.console_session where token_hash = ${sessionTokenHash(token)}`;
    if (ended.count === 0) return;
    const stream = ctx.caller.departmentId ?? PLATFORM_STREAM;
    await appendAudit(tx, [{ ...auditActor(ctx), stream, action: "console.sign_out", decision: "done" }]);
  });
}
