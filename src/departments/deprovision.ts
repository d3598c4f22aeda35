import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { requestCancel } from "../provisioning/cancel-run.ts";
import { lockRun } from "../provisioning/find-run.ts";
import { goOn } from "../provisioning/retry-run.ts";
import { deprovisionPlan } from "../provisioning/plans.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import { type Department, resolveDepartment } from "./resolve.ts";

export interface DeprovisionInput {
  /** Hours the department stays suspended, and can be revived by a cancel, before anything is destroyed. */
  grace_hours: number;
  export: boolean;
}

/**
 * Begins to take a department away. One that is still being provisioned, or was parked, is rolled back instead; asking
 * again the same way answers the run that is at it. Throws 409 `already_deprovisioned`, `deprovision_differs` when it is
 * under way in another way, and `being_revived` after a cancel.
 */
export async function deprovisionDepartment(ctx: Ctx, idOrSlug: string, input: DeprovisionInput) {
  return withTx(ctx.db.app, async (tx) => {
    const department = await resolveDepartment(ctx, idOrSlug, tx);
    if (department.status === "deprovisioned") throw alreadyGone();
    const runId = (await liveRun(ctx, tx, department, input)) ?? (await newRun(ctx, tx, department, input));
    const answer = {
      provisioning_id: runId,
      department_id: department.slug,
      department: department.id,
      status: "deprovisioning",
      status_url: `${ctx.config.publicUrl}/api/v1/provision-status/${runId}`,
      events_url: `${ctx.config.publicUrl}/api/v1/provision-status/${runId}/events`,
    };
    await completeIdempotency(tx, ctx, 202, answer);
    const event = { ...auditActor(ctx), stream: department.id, department: department.id };
    const meta = { run: runId, grace_hours: input.grace_hours, export: input.export };
    await appendAudit(tx, [{ ...event, action: "department.deprovision", decision: "done", meta }]);
    return answer;
  });
}

async function newRun(ctx: Ctx, tx: Tx, department: Department, input: DeprovisionInput): Promise<string> {
  const run = { departmentId: department.id, input: { ...input }, inputHash: hashOf(input) };
  const id = await submitRun(ctx, tx, deprovisionPlan, run);
  // From here on no other run can end the department; one that ended while we looked has.
  const { status } = await resolveDepartment(ctx, department.id, tx);
  if (status === "deprovisioned") throw alreadyGone();
  return id;
}

async function liveRun(
  ctx: Ctx,
  tx: Tx,
  department: Department,
  input: DeprovisionInput,
): Promise<string | undefined> {
  const [live] = await tx<{ id: string }[]>`
    select id from federation.run where department_id = ${department.id}
      and status in ('queued', 'running', 'waiting', 'failed', 'rolling_back')`;
  const run = live && (await lockRun(ctx, tx, live.id));
  if (!run || ["succeeded", "rolled_back", "cancelled"].includes(run.status)) return undefined;
  if (run.kind === "provision") {
    if (run.status === "failed" && run.undoing) await goOn(ctx, tx, run, []);
    else if (run.status !== "rolling_back") await requestCancel(ctx, tx, run);
    return run.id;
  }
  if (run.cancelRequested)
    throw conflict("being_revived", "The department is being revived; ask again when it is active.");
  if (run.inputHash !== hashOf(input)) {
    throw conflict(
      "deprovision_differs",
      "The department is already being deprovisioned, with other settings.",
    );
  }
  return run.id;
}

const hashOf = ({ grace_hours, export: exported }: DeprovisionInput) => `${grace_hours}:${exported}`;
const alreadyGone = () => conflict("already_deprovisioned", "The department is already gone.");
