/**
 * The one read model of a run: status endpoint, SSE, CLI and console all render this. It never writes; it shows what
 * the rows say at this moment, so it is right after any crash.
 */
import type { Ctx } from "../context.ts";
import type { Sql } from "../db/tx.ts";
import { notFound } from "../errors.ts";
import { etaSeconds, expectedSeconds, percentDone, type StepTime } from "./eta.ts";
import { type Plan, plans, type ProgressGroup } from "./plans.ts";
import type { RunKind, RunStatus, StepStatus } from "./run.ts";
import { isUuid } from "../uuid.ts";

export type GroupStatus = "pending" | "in_progress" | "completed" | "failed" | "skipped";

export interface StepProgress {
  name: string;
  status: StepStatus;
  attempt: number;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  waits_for: string | null;
  /** While it waits: seconds until it is looked at again. */
  wait_seconds: number | null;
  /** Of its duration: how long it stood in a line for something that others wanted too. */
  queue_seconds: number;
  in_line: boolean;
  /** Why it was skipped. */
  reason: string | null;
  error: { code: string; message: string } | null;
}

type PublicStatus =
  "deprovisioning" | "deprovisioned" | "locking" | "locked" | "unlocking" | "upgrading" | "moving";

export interface Progress {
  provisioning_id: string;
  department_id: string;
  department: string;
  kind: RunKind;
  status: "provisioning" | "active" | PublicStatus | "failed" | "cancelled";
  run_status: RunStatus;
  progress: Record<ProgressGroup, GroupStatus>;
  steps: StepProgress[];
  percent: number;
  eta_seconds: number | null;
  deployment_url: string | null;
  /** The run's page in the console. */
  dashboard_url: string;
  /** While a consent is waited for, and only for who may start one; it needs their key. */
  consent_url?: string;
  error: { code: string; message: string } | null;
  orphans: { provider: string; kind: string; external_id: string; reason: string | null }[];
  created_at: string;
  completed_at: string | null;
}

export interface RunRow {
  id: string;
  change: number;
  kind: RunKind;
  status: RunStatus;
  department_id: string;
  slug: string;
  /** Where its steps work: of a move, the new one. */
  host: string;
  agent_url: string | null;
  error_code: string | null;
  error_message: string | null;
  created_at: string;
  finished_at: string | null;
  steps: StepProgress[];
  orphans: Progress["orphans"];
  consent_url: string | null;
}

/** The state of a run now. Throws the same 404 for a missing run and another department's. */
export async function showProgress(ctx: Ctx, runId: string): Promise<Progress> {
  const row = await readRun(ctx, runId);
  return progressOf(ctx, row, await medians(ctx.db.app, row));
}

/** One row with its steps, as text and numbers only. */
export async function readRun(ctx: Ctx, runId: string): Promise<RunRow> {
  if (!isUuid(runId)) throw notFound();
  const [row] = await ctx.db.app<RunRow[]>`
    select r.id, r.change::int, r.kind, r.status,
      r.department_id, d.slug, case r.kind when 'move' then r.input->>'to' else d.host end as host, d.agent_url, r.error_code, r.error_message,
      to_json(r.created_at)#>>'{}' as created_at, to_json(r.finished_at)#>>'{}' as finished_at,
      (select jsonb_agg(jsonb_build_object('name', s.name, 'status', s.status, 'attempt', s.attempt,
          'started_at', s.started_at, 'finished_at', s.finished_at,
          'duration_ms', round(extract(epoch from coalesce(s.finished_at, clock_timestamp()) - s.started_at) * 1000),
          'waits_for', s.waits_for,
          'wait_seconds', case when s.status = 'waiting'
            then greatest(0, round(extract(epoch from s.wake_at - clock_timestamp()), 1)) end,
          'queue_seconds', round(s.queue_seconds::numeric, 1), 'in_line', s.status = 'waiting' and s.in_line,
          'reason', s.output->>'reason',
          'error', case when s.error_code is not null
            then jsonb_build_object('code', s.error_code, 'message', s.error_message) end) order by s.position)
        from federation.step s where s.run_id = r.id) as steps,
      (select coalesce(jsonb_agg(jsonb_build_object('provider', o.provider, 'kind', o.kind,
          'external_id', o.external_id, 'reason', o.orphan_reason)), '[]')
        from federation.resource o where o.department_id = r.department_id and o.orphaned_at is not null
          and o.deleted_at is null) as orphans,
      case when ${ctx.caller.scopes.has("oauth:write")}::boolean and d.status in ('provisioning', 'active', 'degraded') and exists (
        select from federation.credential c where c.department_id = d.id and c.status in ('pending_consent', 'needs_consent'))
        then ${`${ctx.config.publicUrl}/api/v1/oauth/google/start?department_id=`}::text || d.id end as consent_url
    from federation.run r join federation.department d on d.id = r.department_id
    where r.id = ${runId} and r.department_id = coalesce(${ctx.caller.departmentId ?? null}::uuid, r.department_id)`;
  if (!row) throw notFound();
  return row;
}

/** Median seconds of work per step, of the runs of this kind on this host in the last 30 days. */
export async function medians(
  sql: Sql,
  { kind, host }: Pick<RunRow, "kind" | "host">,
): Promise<Map<string, number>> {
  const rows = await sql<{ name: string; median_seconds: number }[]>`
    select name, median_seconds::float8 from federation.step_duration where kind = ${kind} and host = ${host}`;
  return new Map(rows.map((row) => [row.name, row.median_seconds]));
}

export function progressOf(
  { config }: Pick<Ctx, "config">,
  row: RunRow,
  median: ReadonlyMap<string, number>,
): Progress {
  const plan = plans[row.kind];
  const times = new Map(row.steps.map((step) => [step.name, timeOf(step)]));
  const expected = expectedSeconds(row.host, median);
  const moving = ["queued", "running", "waiting"].includes(row.status);
  return {
    provisioning_id: row.id,
    department_id: row.slug,
    department: row.department_id,
    kind: row.kind,
    status: publicStatus(row.kind, row.status),
    run_status: row.status,
    progress: groupsOf(plan, row),
    steps: row.steps,
    percent: plan ? percentDone(plan, times, expected) : 0,
    eta_seconds: plan && moving ? Math.ceil(etaSeconds(plan, times, expected) * 10) / 10 : null,
    deployment_url: row.agent_url,
    dashboard_url: new URL(`/runs/${row.id}`, config.publicUrl).href,
    ...(row.consent_url !== null && { consent_url: row.consent_url }),
    error: row.error_code ? { code: row.error_code, message: row.error_message ?? "" } : null,
    orphans: row.orphans,
    created_at: row.created_at,
    completed_at: row.finished_at,
  };
}

const publicWords: Partial<Record<RunKind, { underWay: PublicStatus; over: PublicStatus | "active" }>> = {
  deprovision: { underWay: "deprovisioning", over: "deprovisioned" },
  lockdown: { underWay: "locking", over: "locked" },
  unlock: { underWay: "unlocking", over: "active" },
  upgrade: { underWay: "upgrading", over: "active" },
  move: { underWay: "moving", over: "active" },
};

function publicStatus(kind: RunKind, status: RunStatus): Progress["status"] {
  if (status === "cancelled") return "cancelled";
  if (status === "failed" || status === "rolled_back") return "failed";
  const { underWay, over } = publicWords[kind] ?? { underWay: "provisioning", over: "active" };
  return status === "succeeded" ? over : underWay;
}

function timeOf({ status, duration_ms, wait_seconds, queue_seconds, in_line }: StepProgress): StepTime {
  const waitSeconds = wait_seconds ?? 0;
  // The wait it is in was counted whole when it began.
  const queued = queue_seconds - (in_line ? waitSeconds : 0);
  const workedSeconds = Math.max(0, (duration_ms ?? 0) / 1000 - queued);
  return { status, workedSeconds, waitSeconds, isInLine: in_line };
}

function groupsOf(
  plan: Plan | undefined,
  { steps, status: runStatus }: RunRow,
): Record<ProgressGroup, GroupStatus> {
  const status = new Map(steps.map((step) => [step.name, step.status]));
  const of = (group: ProgressGroup): GroupStatus => {
    const states = (plan?.steps ?? [])
      .filter((step) => step.group === group)
      .map((step) => status.get(step.name));
    if (states.includes("failed")) return "failed";
    const back = states.some((state) => state === "undone" || state === "undoing");
    if (back)
      return runStatus === "rolling_back" ? "in_progress" : states.includes("undoing") ? "failed" : "pending";
    if (states.every((state) => state === "skipped")) return "skipped";
    if (states.every((state) => state === "done" || state === "skipped")) return "completed";
    return states.every((state) => state === "pending") ? "pending" : "in_progress";
  };
  return {
    database: of("database"),
    oauth: of("oauth"),
    host: of("host"),
    workflows: of("workflows"),
    gateway: of("gateway"),
    health: of("health"),
  };
}
