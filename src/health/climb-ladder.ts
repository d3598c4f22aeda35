import type { Alert } from "../alerts/alert.ts";
import { raiseAlert } from "../alerts/raise.ts";
import type { AuditEvent } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import { upgradePlan } from "../provisioning/plans.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import type { CheckName } from "./check-department.ts";
import type { HealthPace } from "./pace.ts";
import type { KnownHealth, StoreContext } from "./store-check.ts";

export const alertNames = ["agent_down", "department_unwell"] as const;

export interface Unwell extends KnownHealth {
  canRestart: boolean;
  /** What of it is not well. */
  failed: CheckName[];
}

interface Climbed {
  /** The agent is to be restarted once the transaction is committed. */
  restart: boolean;
  events: AuditEvent[];
}

/**
 * Takes the next step for a department that stays unwell: restart where it is the agent and the host can, redeploy at its
 * release, which brings its schema and workflows along, then people.
 */
export async function climbLadder(
  ctx: StoreContext,
  tx: Tx,
  known: Unwell,
  { healSeconds }: HealthPace,
): Promise<Climbed> {
  const { id, release, heal, canRestart, failed } = known;
  if (heal === "none" && canRestart && failed.includes("agent")) {
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
  return { restart: false, events: await raiseAlert(tx, alertOf(known)) };
}

/** Named for the agent where it is down, whatever else is; without its workflows a department still answers. */
function alertOf({ id, slug, failed, heal }: Unwell): Alert {
  const isAgent = failed.includes("agent");
  const tried = heal === "redeployed" ? "deploying it anew did not help" : "it cannot be deployed anew";
  return {
    name: isAgent ? "agent_down" : "department_unwell",
    subject: id,
    departmentId: id,
    severity: isAgent || failed.includes("database") ? "critical" : "warning",
    summary: `The department ${slug} is unwell: ${failed.join(", ")}. Healing has ended: ${tried}.`,
  };
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
