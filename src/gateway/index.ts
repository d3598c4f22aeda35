/**
 * What a question passes, in order. The edge has authenticated the caller and checked the words (question.ts). Then:
 * a lane of its department, a seal over the whole question, and in the database (sql/0007) seal, grant, limits, record:
 * one commit; after it, and only after it, the named query. No byte of another department leaves before the permission
 * is on record. A crash in between leaves a record of an answer nobody got, never an answer without a record. An
 * unknown target passes the same way as one without a grant, so that neither words nor time tell them apart.
 */
import type { Ctx } from "../context.ts";
import type { Limit } from "../limits/limit.ts";
import { RateLimitedError } from "../limits/rate-limited-error.ts";
import type { InFlight } from "./limit-in-flight.ts";
import { noGrant } from "./no-grant.ts";
import { passCall } from "./pass-call.ts";
import type { Answer, Question } from "./question.ts";
import { sealQuestion } from "./seal-question.ts";

/**
 * Asks a department, or the caller's own, one named question. Throws 403 `no_grant`, 429 `rate_limited` and 503 `busy`.
 */
export async function askDepartment(
  ctx: Ctx,
  inFlight: InFlight,
  question: Question,
): Promise<Answer & { limits: Limit[] }> {
  const { opened, found, queryId } = await inFlight.run(ctx.caller.departmentId ?? "", async () => {
    const call = await sealQuestion(ctx, question);
    return { ...(await passCall(ctx, call)), queryId: call.requestId };
  });
  if (opened.decision === "limited") throw new RateLimitedError(opened.limits);
  if (!found) throw noGrant();
  return {
    success: true,
    results: found.results,
    results_count: found.results.length,
    query_id: queryId,
    truncated: found.truncated,
    limits: opened.limits,
  };
}
