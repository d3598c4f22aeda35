import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Caller, Ctx } from "../context.ts";
import { randomToken } from "../crypto/random-token.ts";
import { withTx } from "../db/tx.ts";
import { auditActor } from "../members/audit-actor.ts";
import { sessionTokenHash } from "./session-token.ts";

/** Signs a member in, for at most 12 hours; answers the token, which is stored nowhere. */
export async function openConsoleSession(
  ctx: Pick<Ctx, "db" | "requestId">,
  caller: Caller,
  method: "key" | "oidc",
): Promise<string> {
  const token = randomToken();
  await withTx(ctx.db.app, async (tx) => {
    await tx`delete from federation.console_session where expires_at < clock_timestamp()`;
    await tx`
      insert into federation.console_session (token_hash, member_id, client_id, expires_at)
      values (${sessionTokenHash(token)}, ${caller.id}, ${caller.clientId ?? null}, clock_timestamp() + interval '11 hours 59 minutes')`;
    const event = { ...auditActor({ caller, requestId: ctx.requestId }), action: "console.sign_in" };
    const stream = caller.departmentId ?? PLATFORM_STREAM;
    await appendAudit(tx, [{ ...event, stream, decision: "allowed", meta: { method } }]);
  });
  return token;
}
