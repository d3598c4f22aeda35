import type { Ctx } from "../context.ts";
import { forbidden } from "../errors.ts";
import type { Question } from "./question.ts";

export interface SealedCall {
  caller: string;
  /** The API key that asks. */
  client: string;
  /** Id or slug as it was typed: the database finds it, so that nothing before the record tells whether it exists. */
  target: string;
  kind: string;
  /** JSON text, exactly as it was sealed. */
  params: string;
  reason: string;
  /** JSON text of what the requester says of itself; goes on record. */
  requester: string;
  /** Of ours, new with every request; also the query id, so that a refused question is found, too. */
  requestId: string;
  expiresUs: bigint;
  seal: Uint8Array;
}

/** Binds the whole question into one seal that the database checks; good for ten seconds. */
export async function sealQuestion(ctx: Ctx, question: Question): Promise<SealedCall> {
  const { departmentId, clientId } = ctx.caller;
  if (departmentId === undefined || clientId === undefined)
    throw forbidden("not_a_department", "This is for who belongs to a department.");
  const call = {
    caller: departmentId,
    client: clientId,
    target: question.target_department_id,
    kind: question.query_type,
    params: JSON.stringify(question.query_params),
    reason: question.reason,
    requester: JSON.stringify(question.requester_context ?? {}),
    requestId: ctx.requestId,
  };
  return { ...call, ...(await ctx.vault.sealCall(call)) };
}
