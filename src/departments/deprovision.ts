import type { Demand } from "../approvals/demand.ts";
import { useApproval } from "../approvals/use.ts";
import { withApproval } from "../approvals/with-approval.ts";
import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { lockRun } from "../provisioning/find-run.ts";
import { deprovisionPlan } from "../provisioning/plans.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import { takeBackRun } from "../provisioning/take-back-run.ts";
import { acceptedRun } from "./accepted-run.ts";
import { type Department, resolveDepartment } from "./resolve.ts";

export interface DeprovisionInput {
  /** Hours the department stays suspended, and can be revived by a cancel, before anything is destroyed. */
  grace_hours: number;
  export: boolean;
}

/**
 * Begins to take a department away. One that is still being provisioned, or was parked, is rolled back instead; asking
 * again the same way answers the run that is at it. Throws 409 `already_deprovisioned`, `deprovision_differs` when it is
 * under way in another way, and `being_revived` after a cancel; 403 `approval_required` where a second person has to
 * agree that a department goes.
 */
export async function deprovisionDepartment(ctx: Ctx, idOrSlug: string, input: DeprovisionInput) {
  const { id, status } = await resolveDepartment(ctx, idOrSlug);
  if (status === "deprovisioned") throw alreadyGone();
  const demand: Demand = { action: "deprovision", target: id, departmentId: id, request: input };
  return withApproval(ctx, demand, () => withTx(ctx.db.app, (tx) => beginToTakeAway(ctx, tx, demand, input)));
}

async function beginToTakeAway(ctx: Ctx, tx: Tx, demand: Demand, input: DeprovisionInput) {
  const department = await resolveDepartment(ctx, demand.target, tx);
  if (department.status === "deprovisioned") throw alreadyGone();
  const underWay = await liveRun(ctx, tx, department, input);
  const approval = underWay === undefined ? await useApproval(ctx, tx, demand) : undefined;
  const runId = underWay ?? (await newRun(ctx, tx, department, input));
  const answer = acceptedRun(ctx, runId, department, "deprovisioning");
  await completeIdempotency(tx, ctx, 202, { ...answer });
  const event = { ...auditActor(ctx), stream: department.id, department: department.id };
  const meta = {
    run: runId,
    grace_hours: input.grace_hours,
    export: input.export,
    ...(approval && { approval }),
  };
  await appendAudit(tx, [{ ...event, action: "department.deprovision", decision: "done", meta }]);
  return answer;
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
      and status in ('queued', 'running', 'waiting', 'failed', 'rolling_back') and kind <> 'lockdown'`;
  const run = live && (await lockRun(ctx, tx, live.id));
  if (!run || ["succeeded", "rolled_back", "cancelled"].includes(run.status)) return undefined;
  if (run.kind === "provision") {
    await takeBackRun(ctx, tx, run);
    return run.id;
  }
  if (run.kind !== "deprovision")
    throw conflict("run_in_progress", "Another run of this department is not finished yet.");
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
