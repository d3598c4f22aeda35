import { raiseAlert } from "../alerts/raise.ts";
import type { AuditEvent } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import { upgradePlan } from "../provisioning/plans.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import type { HealthPace } from "./pace.ts";
import type { KnownHealth, StoreContext } from "./store-check.ts";

interface Climbed {
  /** The agent is to be restarted once the transaction is committed. */
  restart: boolean;
  events: AuditEvent[];
}

/** Takes the next step for a department that stays unwell: restart where the host can, redeploy at its release, then people. */
export async function climbLadder(
  ctx: StoreContext,
  tx: Tx,
  known: KnownHealth & { canRestart: boolean },
  { healSeconds }: HealthPace,
): Promise<Climbed> {
  const { id, slug, release, heal, canRestart } = known;
  if (heal === "none" && canRestart) {
    await step(tx, id, "restarted", null, healSeconds);
    return { restart: true, events: [audit(id, "department.heal_restart", {})] };
  }
  if ((heal === "none" || heal === "restarted") && !(await hasParkedRun(tx, id))) {
    const input = { release, release_before: release, failure_hold_minutes: 0 };
    const runId = await submitRun(ctx, tx, upgradePlan, { departmentId: id, input, inputHash: release });
    await step(tx, id, "redeployed", runId, healSeconds);
    return { restart: false, events: [audit(id, "department.heal_redeploy", { run: runId })] };
  }
  await step(tx, id, "given_up", null, healSeconds);
  const summary = `The department ${slug} is unwell; restarting it and deploying it anew did not help.`;
  const alert = { name: "agent_down", subject: id, departmentId: id, severity: "critical", summary } as const;
  return { restart: false, events: await raiseAlert(tx, alert) };
}

/** A run that failed and waits for a person: no other one can begin. */
async function hasParkedRun(tx: Tx, id: string): Promise<boolean> {
  const [parked] = await tx`
    select from federation.run where department_id = ${id} and status = 'failed' and kind <> 'lockdown'`;
  return parked !== undefined;
}

async function step(tx: Tx, id: string, heal: KnownHealth["heal"], runId: string | null, seconds: number) {
  await tx`
    update federation.department_health set heal = ${heal}, heal_at = clock_timestamp(),
      heal_run_id = coalesce(${runId}, heal_run_id),
      next_check_at = clock_timestamp() + make_interval(secs => ${seconds})
    where department_id = ${id}`;
}

const audit = (id: string, action: string, meta: Record<string, string>): AuditEvent => ({
  stream: id,
  actor: "health",
  actorKind: "system",
  action,
  decision: "done",
  meta,
});
