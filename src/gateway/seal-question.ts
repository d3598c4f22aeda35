import type { Ctx } from "../context.ts";
import type { Places } from "./find-places.ts";
import type { Question } from "./question.ts";

export interface SealedCall {
  caller: string;
  target: string;
  kind: string;
  /** JSON text, exactly as it was sealed. */
  params: string;
  reason: string;
  /** Made here for this one question; also the query id. */
  requestId: string;
  expiresUs: bigint;
  seal: Uint8Array;
}

/** Binds the whole question into one seal that the database checks; good for ten seconds. */
export function sealQuestion(ctx: Ctx, { caller, target }: Places, question: Question): SealedCall {
  const call = {
    caller,
    target,
    kind: question.query_type,
    params: JSON.stringify(question.query_params),
    reason: question.reason,
    requestId: Bun.randomUUIDv7(),
  };
  return { ...call, ...ctx.vault.sealCall(call) };
}
