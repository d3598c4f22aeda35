import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { unprocessable } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { upgradePlan } from "../provisioning/plans.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import { acceptedRun } from "./accepted-run.ts";
import { lockActive } from "./lock-active.ts";
import { currentRelease } from "./release.ts";

/**
 * Begins to bring a department's workflows and agent to its definition, the templates and a release; by default the
 * present one of its host. What is right already stays as it is, so this is also the repair of drift. A run that fails
 * puts back the release of before at once. Throws 409 `not_active`, 422 `release_not_chosen` where the host has one
 * release only.
 */
export async function upgradeDepartment(
  ctx: Ctx,
  idOrSlug: string,
  { release }: { release?: string | undefined },
) {
  return withTx(ctx.db.app, async (tx) => {
    const department = await lockActive(ctx, tx, idOrSlug);
    const next = release ?? currentRelease(ctx.config, department.host);
    if (release !== undefined && department.host === "local" && release !== department.release)
      throw unprocessable("release_not_chosen", `The host ${department.host} has one release only.`, [
        { path: "release", message: "cannot be chosen on this host" },
      ]);
    const input = { release: next, release_before: department.release, failure_hold_minutes: 0 };
    const run = { departmentId: department.id, input, inputHash: next };
    const runId = await submitRun(ctx, tx, upgradePlan, run);
    const answer = acceptedRun(ctx, runId, department, "upgrading");
    await completeIdempotency(tx, ctx, 202, { ...answer });
    const event = { ...auditActor(ctx), stream: department.id, department: department.id };
    const meta = { run: runId, release: next, release_before: department.release };
    await appendAudit(tx, [{ ...event, action: "department.upgrade", decision: "done", meta }]);
    return answer;
  });
}
