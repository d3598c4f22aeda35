import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { unlockPlan } from "../provisioning/plans.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import { acceptedRun } from "./accepted-run.ts";
import { resolveDepartment } from "./resolve.ts";

const note =
  "Keys and grants of before stay revoked: its people need new keys, grants must be asked for again.";

/**
 * Begins to bring a locked department back, with other keys; it stays locked until the run's last step, and when the
 * run fails. Throws 409 `not_locked`, and `run_in_progress` while it is still being stopped.
 */
export async function unlockDepartment(ctx: Ctx, idOrSlug: string, { reason }: { reason: string }) {
  return withTx(ctx.db.app, async (tx) => {
    const department = await resolveDepartment(ctx, idOrSlug, tx);
    const lockedAt = await lockedSince(tx, department.id);
    // A failed unlock is taken back at once: nothing of a locked department is left running while somebody looks.
    const input = { locked_at: lockedAt, failure_hold_minutes: 0 };
    const run = { departmentId: department.id, input, inputHash: lockedAt };
    const runId = await submitRun(ctx, tx, unlockPlan, run);
    const answer = { ...acceptedRun(ctx, runId, department, "unlocking"), note };
    await completeIdempotency(tx, ctx, 202, answer);
    const event = { ...auditActor(ctx), action: "department.unlock", target: department.id, reason };
    const streams = [department.id, PLATFORM_STREAM];
    const meta = { run: runId };
    await appendAudit(
      tx,
      streams.map((stream) => ({ ...event, stream, decision: "done", meta })),
    );
    return answer;
  });
}

/** When the lock was put on, which names it; the row stays held, so that no lockdown comes in between. */
async function lockedSince(tx: Tx, departmentId: string): Promise<string> {
  await tx`select from federation.department where id = ${departmentId} for no key update`;
  const [row] = await tx<{ lockedAt: string | null; status: string; stopping: boolean }[]>`
    select to_json(locked_at)#>>'{}' as "lockedAt", status,
      exists (select from federation.run r where r.department_id = d.id and r.kind = 'lockdown'
        and r.status in ('queued', 'running', 'waiting', 'failed', 'rolling_back')) as stopping
    from federation.department d where id = ${departmentId}`;
  if (!row?.lockedAt || row.status !== "suspended")
    throw conflict("not_locked", "Only a department that is locked and not being destroyed can be unlocked.");
  if (row.stopping) throw conflict("run_in_progress", "The department is still being stopped.");
  return row.lockedAt;
}
