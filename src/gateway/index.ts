/**
 * What a question passes, in order: target, seal, open (limit, grant, record: one commit), read. No byte of another
 * department leaves before the permission is committed to the audit. A crash between open and read leaves a record of
 * an answer nobody got, never an answer without a record. An unknown target passes the same way as one without a
 * grant, so that neither words nor time tell them apart.
 */
import type { Ctx } from "../context.ts";
import { findPlaces, type RateLimit } from "./find-places.ts";
import { noGrant } from "./no-grant.ts";
import { openCall } from "./open-call.ts";
import type { Answer, Question } from "./question.ts";
import { readAnswer } from "./read-answer.ts";
import { sealQuestion } from "./seal-question.ts";

/**
 * Asks a department, or the caller's own, one named question. Throws 403 `no_grant` and 429 `rate_limited`.
 */
export async function askDepartment(ctx: Ctx, question: Question): Promise<Answer & { limit: RateLimit }> {
  const places = await findPlaces(ctx, question.target_department_id);
  const call = sealQuestion(ctx, places, question);
  await openCall(ctx, places, call);
  const found = await readAnswer(ctx, call);
  if (!found) throw noGrant();
  return {
    success: true,
    results: found.results,
    results_count: found.results.length,
    query_id: call.requestId,
    truncated: found.truncated,
    limit: places.limit,
  };
}
