import { appendAudit, type AuditEvent } from "../audit/append.ts";
import { resolveAlert } from "../alerts/resolve.ts";
import type { Ctx } from "../context.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { emitEvent } from "../webhooks/emit.ts";
import type { Checks } from "./check-department.ts";
import type { ClaimedCheck } from "./claim-checks.ts";
import { alertNames, climbLadder } from "./climb-ladder.ts";
import { failedParts } from "./failed-parts.ts";
import { liveRun } from "./live-run.ts";
import type { HealthPace } from "./pace.ts";

export type HealthStatus = "unknown" | "healthy" | "failing" | "unhealthy";

/** What is known before a look is stored. */
export interface KnownHealth {
  id: string;
  slug: string;
  release: string;
  departmentStatus: "active" | "degraded";
  status: HealthStatus;
  failures: number;
  heal: "none" | "restarted" | "redeployed" | "given_up";
  /** Since the status, and since the last step of the ladder, if any. */
  ageSeconds: number;
  healAgeSeconds: number | null;
}

export type StoreContext = Pick<Ctx, "caller" | "queue" | "requestId" | "tracer"> & { db: { app: Sql } };

/**
 * Stores a look and what follows of it in one transaction; answers "restart" when the agent is to be restarted now.
 * A look that was overtaken, or of a department that a run or a lockdown took meanwhile, changes nothing.
 */
export async function storeCheck(
  ctx: StoreContext,
  { id, fence, canRestart }: Pick<ClaimedCheck, "id" | "fence"> & { canRestart: boolean },
  checks: Checks,
  pace: HealthPace,
): Promise<"restart" | "stored" | "overtaken"> {
  return withTx(ctx.db.app, async (tx) => {
    await tx`select from federation.department where id = ${id} for no key update`;
    const known = await lockHealth(tx, id, fence);
    if (!known) return "overtaken";
    const next = judge(known, checks, pace);
    await tx`insert into federation.health_check (department_id, status, detail)
      values (${id}, ${next.status}, ${tx.json(plain(checks))})`;
    await tx`
      update federation.department_health set status = ${next.status}, failures = ${next.failures},
        since = case when status = ${next.status} then since else clock_timestamp() end,
        heal = case when ${next.status} = 'unhealthy' then heal else 'none' end,
        heal_run_id = case when ${next.status} = 'unhealthy' then heal_run_id end,
        heal_at = case when ${next.status} = 'unhealthy' then heal_at end,
        checked_at = clock_timestamp(), next_check_at = clock_timestamp() + make_interval(secs => ${next.seconds})
      where department_id = ${id}`;
    const told = await turnDepartment(tx, known, next.status, checks);
    const climbed = next.climbs
      ? await climbLadder(ctx, tx, { ...known, canRestart, failed: failedParts(checks) }, pace)
      : undefined;
    const events = [...told, ...(climbed?.events ?? [])];
    if (events.length > 0) await appendAudit(tx, events);
    return climbed?.restart ? "restart" : "stored";
  });
}

async function lockHealth(tx: Tx, id: string, fence: string): Promise<KnownHealth | undefined> {
  const [known] = await tx<KnownHealth[]>`
    select d.id, d.slug, d.release, d.status as "departmentStatus", h.status, h.failures, h.heal,
      extract(epoch from clock_timestamp() - h.since)::float8 as "ageSeconds",
      extract(epoch from clock_timestamp() - h.heal_at)::float8 as "healAgeSeconds"
    from federation.department_health h join federation.department d on d.id = h.department_id
    where h.department_id = ${id} and h.fence = ${fence} and d.status in ('active', 'degraded')
      and d.locked_at is null and not ${liveRun(tx)}
    for update of h`;
  return known;
}

const plain = (checks: Checks) =>
  Object.fromEntries(Object.entries(checks).map(([name, { status, detail }]) => [name, { status, detail }]));

interface Judgement {
  status: HealthStatus;
  failures: number;
  /** Until the next look. */
  seconds: number;
  climbs: boolean;
}

function judge(known: KnownHealth, checks: Checks, pace: HealthPace): Judgement {
  const failed = failedParts(checks);
  const isStarting = checks.agent.status === "starting" && failed.length === 1;
  if (failed.length === 0)
    return { status: "healthy", failures: 0, seconds: pace.everySeconds, climbs: false };
  if (isStarting && isExcused(known, pace)) {
    const status = known.status === "unhealthy" ? "unhealthy" : "failing";
    return { status, failures: known.failures, seconds: pace.recheckSeconds, climbs: false };
  }
  const failures = known.failures + 1;
  const status = failures >= pace.failuresMax ? "unhealthy" : "failing";
  const isGivenUp = known.heal === "given_up";
  const seconds = isGivenUp ? pace.givenUpSeconds : pace.recheckSeconds;
  // A look that somebody asked for may come before the last step had its time.
  const isHealing = known.healAgeSeconds !== null && known.healAgeSeconds < pace.healSeconds;
  return { status, failures, seconds, climbs: status === "unhealthy" && !isGivenUp && !isHealing };
}

/** An agent may start for a while: since it was first seen to, or since it was last told to. */
function isExcused({ status, ageSeconds, healAgeSeconds }: KnownHealth, { startingSeconds }: HealthPace) {
  const seconds =
    status === "failing" ? ageSeconds : status === "unhealthy" ? (healAgeSeconds ?? Infinity) : 0;
  return seconds < startingSeconds;
}

/** Moves the department between `active` and `degraded` and tells it, once for each turn; well again, its alert ends. */
async function turnDepartment(
  tx: Tx,
  { id, slug, departmentStatus, status: before }: KnownHealth,
  status: HealthStatus,
  checks: Checks,
): Promise<AuditEvent[]> {
  // Whatever made the department active meanwhile, such as the end of a lockdown: the alert is its health's.
  const resolved = status === "healthy" && before !== "healthy" ? await resolveAlerts(tx, id) : [];
  const next = status === "healthy" ? "active" : status === "unhealthy" ? "degraded" : departmentStatus;
  if (next === departmentStatus) return resolved;
  await tx`update federation.department set status = ${next}, updated_at = clock_timestamp() where id = ${id}`;
  const failed = failedParts(checks);
  const type = next === "degraded" ? "department.degraded" : "department.recovered";
  await emitEvent(tx, { type, departmentId: id, data: { department_id: slug, failed } });
  const event: AuditEvent = {
    stream: id,
    actor: "health",
    actorKind: "system",
    action: next === "degraded" ? "department.degrade" : "department.recover",
    decision: "done",
    meta: { failed: failed.join(", ") },
  };
  return [event, ...resolved];
}

async function resolveAlerts(tx: Tx, id: string): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (const name of alertNames) events.push(...(await resolveAlert(tx, name, id)));
  return events;
}
