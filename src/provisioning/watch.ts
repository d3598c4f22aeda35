import { setTimeout as sleep } from "node:timers/promises";
import type { Ctx } from "../context.ts";
import type { JsonObject } from "../json.ts";
import { medians, type Progress, progressOf, readRun, type StepProgress } from "./progress.ts";

export interface ProgressEvent {
  /** The run's change counter: what a client sends back as Last-Event-ID. */
  id: number;
  event: "step" | "status" | "done";
  data: JsonObject;
}

/** Soon after a change the next one is near. */
const pollMs = { lively: 50, quiet: 250, livelyForMs: 2000 };

/**
 * A run's changes until it is over (or parked): first a `status` snapshot, then a `step` for each step that changed,
 * a `status` for each change of the run, last a `done`. `after` = the last id a client saw; it gets a fresh snapshot.
 */
export async function* watchProgress(
  ctx: Ctx,
  runId: string,
  options: { after?: number | undefined; signal: AbortSignal },
): AsyncGenerator<ProgressEvent> {
  let seen = { change: options.after ?? -1, steps: new Map<string, string>(), runStatus: "" };
  let row = await readRun(ctx, runId);
  let changedAtMs = performance.now();
  const median = await medians(ctx.db.app, row);
  for (;;) {
    const view = progressOf(ctx, row, median);
    if (row.change !== seen.change || seen.runStatus === "") {
      yield* eventsSince(seen.steps, seen.runStatus, row.change, view);
      changedAtMs = performance.now();
      seen = {
        change: row.change,
        steps: new Map(row.steps.map((step) => [step.name, keyOf(step)])),
        runStatus: row.status,
      };
    }
    if (isOver(view)) return;
    const lively = performance.now() - changedAtMs < pollMs.livelyForMs;
    const ms = lively ? pollMs.lively : pollMs.quiet;
    await sleep(ms, undefined, { signal: options.signal }).catch(() => {});
    if (options.signal.aborted) return;
    row = await readRun(ctx, runId);
  }
}

function* eventsSince(
  steps: Map<string, string>,
  runStatus: string,
  id: number,
  view: Progress,
): Generator<ProgressEvent> {
  if (runStatus !== "") {
    for (const step of view.steps) {
      if (steps.get(step.name) !== keyOf(step))
        yield { id, event: "step", data: jsonOf({ ...step, percent: view.percent }) };
    }
  }
  if (runStatus !== view.run_status) yield { id, event: "status", data: jsonOf(view) };
  if (isOver(view)) yield { id, event: "done", data: jsonOf(view) };
}

const keyOf = (step: StepProgress) => `${step.status}:${step.attempt}`;
const isOver = (view: Progress) =>
  ["succeeded", "failed", "rolled_back", "cancelled"].includes(view.run_status);

/** Both views are made of JSON values only; this says so to the compiler. */
const jsonOf = (view: object): JsonObject => JSON.parse(JSON.stringify(view));
