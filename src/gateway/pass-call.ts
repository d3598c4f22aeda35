import { z } from "zod";
import type { Ctx } from "../context.ts";
import { type Tx, withConnection } from "../db/tx.ts";
import { takenHits } from "../limits/limit.ts";
import type { SealedCall } from "./seal-question.ts";

const openedCall = takenHits.and(z.object({ decision: z.enum(["allowed", "denied", "limited"]) }));
export type OpenedCall = z.infer<typeof openedCall>;

const foundAnswer = z
  .object({ results: z.array(z.record(z.string(), z.json())), truncated: z.boolean() })
  .nullable();
export type FoundAnswer = z.infer<typeof foundAnswer>;

/**
 * Sends both halves of a question down one connection without waiting in between: one round trip, two commits. The
 * second half answers null unless the first one's record is committed and the grant still stands.
 */
export async function passCall(
  ctx: Pick<Ctx, "db">,
  call: SealedCall,
): Promise<{ opened: OpenedCall; found: FoundAnswer }> {
  return withConnection(ctx.db.gateway, async (connection) => {
    const question = callOf(connection, call);
    const [opened, read] = await Promise.allSettled([
      connection<{ answer: unknown }[]>`select gateway.open(${question}, ${call.seal}::bytea) as answer`,
      connection<{ answer: unknown }[]>`select gateway.read(${question}, ${call.seal}::bytea) as answer`,
    ]);
    if (opened.status === "rejected") throw opened.reason;
    const decided = openedCall.parse(opened.value[0]?.answer);
    if (decided.decision !== "allowed") return { opened: decided, found: null };
    if (read.status === "rejected") throw read.reason;
    return { opened: decided, found: foundAnswer.parse(read.value[0]?.answer ?? null) };
  });
}

const callOf = (sql: Tx, call: SealedCall) => sql`
  row(${call.caller}::uuid, ${call.client}::uuid, ${call.target}::text, ${call.kind}::text, ${call.params}::text,
    ${call.reason}::text, ${call.requester}::text, ${call.requestId}::uuid, ${String(call.expiresUs)}::bigint)::gateway.call`;
