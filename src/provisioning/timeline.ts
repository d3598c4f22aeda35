import type { Ctx } from "../context.ts";
import { plans } from "./plans.ts";
import { medians, type Progress, progressOf, readRun, type StepProgress } from "./progress.ts";

export interface TimelineStep extends StepProgress {
  /** Seconds after the run was asked for; null while it has not begun. */
  from_seconds: number | null;
  /** What such a step takes, in seconds, by the last 30 days; null without history. */
  usual_seconds: number | null;
  needs: readonly string[];
}

export interface Timeline {
  run: Progress;
  steps: TimelineStep[];
  /** What people did to it. */
  events: { at: string; actor: string; action: string; decision: string; request_id: string | null }[];
}

/** A run with its steps against what they usually take, and what is on record of it. Throws 404 as `showProgress`. */
export async function showTimeline(ctx: Ctx, runId: string): Promise<Timeline> {
  const row = await readRun(ctx, runId);
  const median = await medians(ctx.db.app, row);
  const needs = new Map(plans[row.kind]?.steps.map((step) => [step.name, step.needs]));
  const began = Date.parse(row.created_at);
  const steps = row.steps.map((step) => ({
    ...step,
    from_seconds: step.started_at === null ? null : (Date.parse(step.started_at) - began) / 1000,
    usual_seconds: median.get(step.name) ?? null,
    needs: needs.get(step.name) ?? [],
  }));
  return { run: progressOf(ctx, row, median), steps, events: await eventsOf(ctx, row) };
}

async function eventsOf(
  ctx: Ctx,
  run: { id: string; department_id: string; created_at: string },
): Promise<Timeline["events"]> {
  if (!ctx.caller.scopes.has("audit:read")) return [];
  const sinceUs = Date.parse(run.created_at) * 1000 - 60_000_000;
  const rows = await ctx.db.app<Timeline["events"]>`
    select to_json(to_timestamp(e.at_us / 1000000.0))#>>'{}' as at, e.actor, e.action, e.decision, e.request_id
    from audit.event e
    where e.stream = ${run.department_id} and e.at_us >= ${sinceUs} and position(${run.id} in e.meta) > 0
    order by e.at_us limit 100`;
  return [...rows];
}
