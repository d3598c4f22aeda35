import { z } from "zod";
import type { Ctx } from "../context.ts";
import type { SealedCall } from "./seal-question.ts";

const found = z
  .object({ results: z.array(z.record(z.string(), z.json())), truncated: z.boolean() })
  .nullable();

/** Fetches what the committed record allows; null when the grant ended in between. */
export async function readAnswer(ctx: Ctx, call: SealedCall) {
  const { caller, target, kind, params, reason, requestId, seal } = call;
  const [row] = await ctx.db.gateway<{ answer: unknown }[]>`
    select gateway.read(${caller}::uuid, ${target}::uuid, ${kind}::text, ${params}::text, ${reason}::text,
      ${requestId}::uuid, ${String(call.expiresUs)}::bigint, ${seal}::bytea) as answer`;
  return found.parse(row?.answer ?? null);
}
