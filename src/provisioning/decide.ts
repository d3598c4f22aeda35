import type { JsonObject } from "../json.ts";
import type { Graph, Step, StepResult } from "./graph.ts";
import { isIrreversible } from "./plans.ts";
import type { RunStatus, StepStatus, StepView } from "./run.ts";

/** How one attempt ended. `aborted` is nobody's failure: a cancel, or the worker is going away. */
export type Outcome = StepResult | StepFailure | { kind: "undone" } | { kind: "aborted" };
export interface StepFailure {
  kind: "error";
  code: string;
  message: string;
  retryable: boolean;
  /** Private: for the log. */
  cause?: unknown;
}
export interface Settled {
  name: string;
  outcome: Outcome;
}

export interface StepChange {
  name: string;
  status: StepStatus;
  attempt: number;
  failures: number;
  crashes: number;
  wakeSeconds: number | null;
  waitsFor: string | null;
  /** More seconds that it stands in a line; they are not its work. */
  queueSeconds: number;
  output: JsonObject | null;
  errorCode: string | null;
  errorMessage: string | null;
}

export interface RunChange {
  status: RunStatus;
  /** Seconds until a worker should look again; only with `release`. */
  wakeSeconds: number | null;
  release: boolean;
  errorCode: string | null;
  errorMessage: string | null;
}

export interface Decision {
  changes: StepChange[];
  run: RunChange | undefined;
  /** Steps to begin once the changes are stored. */
  start: string[];
}

export interface Snapshot {
  status: "running" | "rolling_back";
  cancelRequested: boolean;
  steps: Map<string, StepView>;
}

export interface DecideOptions {
  nowMs: number;
  /**
   * How long a failed run is parked before it rolls back by itself; 0 = at once, null = until somebody decides, as it
   * always is behind the point of no return.
   */
  holdSeconds: number | null;
  /** 0..1, for the jitter of backoffs. */
  random(): number;
}

const crashesMax = 20;
const backoffSecondsMax = 30;
const failuresMaxDefault = 5;

/**
 * What to do next with a run: pure, so that a property test can walk every sequence of results, crashes and cancels.
 * `settled` are the attempts that ended since the last call, `inFlight` those that have not.
 */
export function decide<Deps>(
  graph: Graph<Deps>,
  snapshot: Snapshot,
  settled: Settled[],
  inFlight: ReadonlySet<string>,
  options: DecideOptions,
): Decision {
  const steps = new Map(snapshot.steps);
  const changes = new Map<string, StepChange>();
  const change = (view: StepView, patch: Partial<StepChange> & { status: StepStatus }) => {
    const next = { ...unchanged(view), ...patch };
    changes.set(view.name, next);
    steps.set(view.name, { ...view, ...next, wakeAtMs: wakeAtMs(next.wakeSeconds, options.nowMs) });
  };
  for (const { name, outcome } of settled) {
    const patch = afterAttempt(stepOf(graph, name), viewOf(steps, name), outcome, options);
    if (patch) change(viewOf(steps, name), patch);
  }
  const forward = snapshot.status === "running";
  for (const view of [...steps.values()]) {
    const left = !inFlight.has(view.name) && (forward ? view.status === "running" : isCutOff(view));
    if (left && view.crashes >= crashesMax)
      change(view, { status: forward ? "failed" : "undoing", ...workerLost });
  }
  const start = forward
    ? readyToRun(graph, steps, inFlight, snapshot, options)
    : readyToUndo(graph, steps, inFlight, options);
  for (const name of start) {
    const view = viewOf(steps, name);
    change(view, forward ? startRun(view) : startUndo(view));
  }
  const idle = start.length === 0 && inFlight.size === 0;
  const end = forward
    ? endOfForward(graph, steps, snapshot, options)
    : endOfRollback(graph, steps, snapshot, options);
  return { changes: [...changes.values()], run: idle ? end : undefined, start };
}

const workerLost = {
  errorCode: "worker_lost",
  errorMessage: `The step ended its worker ${crashesMax} times and is not tried again.`,
};

function startRun(view: StepView) {
  const crashes = view.crashes + (view.status === "running" ? 1 : 0);
  return { status: "running" as const, attempt: view.attempt + 1, crashes };
}

function startUndo(view: StepView) {
  const again = view.status === "undoing";
  const failures = again ? view.failures : 0;
  const crashes = again ? view.crashes + (isCutOff(view) ? 1 : 0) : 0;
  return { status: "undoing" as const, attempt: view.attempt + 1, failures, crashes };
}

function afterAttempt<Deps>(step: Step<Deps>, view: StepView, outcome: Outcome, options: DecideOptions) {
  switch (outcome.kind) {
    case "done":
      return { status: "done" as const, output: outcome.output, failures: 0 };
    case "skip":
      return { status: "skipped" as const, output: { reason: outcome.reason } };
    case "undone":
      return { status: "undone" as const };
    case "wait":
      return {
        status: view.status === "undoing" ? ("undoing" as const) : ("waiting" as const),
        wakeSeconds: outcome.seconds,
        waitsFor: outcome.why,
        queueSeconds: outcome.inLine ? outcome.seconds : 0,
      };
    case "error":
      return afterFailure(step, view, outcome, options);
    case "aborted":
      return undefined;
  }
}

function afterFailure<Deps>(step: Step<Deps>, view: StepView, error: StepFailure, options: DecideOptions) {
  const failures = view.failures + 1;
  const reported = { failures, errorCode: error.code, errorMessage: error.message };
  const again = error.retryable && failures < (step.failuresMax ?? failuresMaxDefault);
  const wakeSeconds = again ? backoffSeconds(failures, options.random()) : null;
  if (view.status === "undoing") return { ...reported, status: "undoing" as const, wakeSeconds };
  return again
    ? { ...reported, status: "waiting" as const, wakeSeconds, waitsFor: `retry after ${error.code}` }
    : { ...reported, status: "failed" as const };
}

function readyToRun<Deps>(
  graph: Graph<Deps>,
  steps: Map<string, StepView>,
  inFlight: ReadonlySet<string>,
  snapshot: Snapshot,
  options: DecideOptions,
): string[] {
  if (snapshot.cancelRequested || failedStep(steps)) return [];
  return graph.steps
    .filter((step) => {
      const view = viewOf(steps, step.name);
      if (inFlight.has(step.name)) return false;
      if (view.status === "waiting") return due(view, options.nowMs);
      if (view.status === "running") return true;
      return view.status === "pending" && step.needs.every((need) => isOver(viewOf(steps, need)));
    })
    .map((step) => step.name);
}

/** A step is taken back after everything that needs it; a dependent whose undo is given up does not hold the others. */
function readyToUndo<Deps>(
  graph: Graph<Deps>,
  steps: Map<string, StepView>,
  inFlight: ReadonlySet<string>,
  options: DecideOptions,
): string[] {
  return graph.steps
    .filter((step) => {
      const view = viewOf(steps, step.name);
      if (inFlight.has(step.name) || isBack(view) || isGivenUp(view)) return false;
      if (view.status === "undoing" && !due(view, options.nowMs)) return false;
      const dependents = graph.steps.filter((other) => other.needs.includes(step.name));
      return dependents.every((other) => {
        const otherView = viewOf(steps, other.name);
        return isBack(otherView) || isGivenUp(otherView);
      });
    })
    .map((step) => step.name);
}

function endOfForward<Deps>(
  graph: Graph<Deps>,
  steps: Map<string, StepView>,
  snapshot: Snapshot,
  options: DecideOptions,
): RunChange | undefined {
  if (snapshot.cancelRequested) return runChange("rolling_back");
  const failed = failedStep(steps);
  if (failed) {
    const begun = [...steps.values()].filter((view) => view.attempt > 0).map((view) => view.name);
    const holdSeconds = isIrreversible(graph, begun) ? null : options.holdSeconds;
    if (holdSeconds === 0) return { ...runChange("rolling_back"), ...errorOf(failed) };
    return { ...runChange("failed", holdSeconds, true), ...errorOf(failed) };
  }
  const views = [...steps.values()];
  const unknown = views.find((view) => !isOver(view) && !knows(graph, view.name));
  if (unknown) return { ...runChange("failed", null, true), ...stepUnknown(unknown.name) };
  if (views.every(isOver)) return runChange("succeeded", null, true);
  const wakeSeconds = earliestWakeSeconds(views, options.nowMs);
  return wakeSeconds === undefined ? undefined : runChange("waiting", wakeSeconds, true);
}

function endOfRollback<Deps>(
  graph: Graph<Deps>,
  steps: Map<string, StepView>,
  snapshot: Snapshot,
  options: DecideOptions,
): RunChange | undefined {
  const left = [...steps.values()].filter((view) => !isBack(view));
  if (left.length === 0) return runChange(snapshot.cancelRequested ? "cancelled" : "rolled_back", null, true);
  const open = left.filter((view) => knows(graph, view.name) && !isGivenUp(view));
  if (open.length === 0) {
    const names = left.map((view) => view.name).join(", ");
    return {
      ...runChange("failed", null, true),
      errorCode: "rollback_incomplete",
      errorMessage: `Could not be taken back: ${names}. What is left is listed as orphaned.`,
    };
  }
  const wakeSeconds = earliestWakeSeconds(open, options.nowMs);
  return wakeSeconds === undefined ? undefined : runChange("rolling_back", wakeSeconds, true);
}

const runChange = (status: RunStatus, wakeSeconds: number | null = null, release = false): RunChange => ({
  status,
  wakeSeconds,
  release,
  errorCode: null,
  errorMessage: null,
});

const knows = <Deps>(graph: Graph<Deps>, name: string) => graph.steps.some((step) => step.name === name);
const stepUnknown = (name: string) => ({
  errorCode: "step_unknown",
  errorMessage: `This release does not know the step ${name}; go on with the release that began the run.`,
});
const errorOf = (view: StepView) => ({ errorCode: view.errorCode, errorMessage: view.errorMessage });
const isOver = (view: StepView) => view.status === "done" || view.status === "skipped";
const isBack = (view: StepView) =>
  view.status === "undone" || view.status === "skipped" || (view.status === "pending" && view.attempt === 0);
const failedStep = (steps: Map<string, StepView>) =>
  [...steps.values()].find((view) => view.status === "failed");
const due = (view: StepView, nowMs: number) => view.wakeAtMs === null || view.wakeAtMs <= nowMs;
const wakeAtMs = (seconds: number | null, nowMs: number) =>
  seconds === null ? null : nowMs + seconds * 1000;

/** An undo that ended with its worker: it has neither an error nor a time to wake. */
const isCutOff = (view: StepView) =>
  view.status === "undoing" && view.wakeAtMs === null && view.errorCode === null;

/** An undo that failed for good: it stays `undoing` with its error, and no time to wake. */
function isGivenUp(view: StepView): boolean {
  return view.status === "undoing" && view.wakeAtMs === null && view.errorCode !== null;
}

function earliestWakeSeconds(views: StepView[], nowMs: number): number | undefined {
  const waits = views.flatMap((view) => (view.wakeAtMs === null ? [] : [(view.wakeAtMs - nowMs) / 1000]));
  return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
}

function backoffSeconds(failures: number, random: number): number {
  return Math.min(backoffSecondsMax, 0.5 * 2 ** (failures - 1)) * (0.7 + 0.6 * random);
}

function unchanged(view: StepView): StepChange {
  const { name, status, attempt, failures, crashes, output } = view;
  const blank = { wakeSeconds: null, waitsFor: null, queueSeconds: 0, errorCode: null, errorMessage: null };
  return { name, status, attempt, failures, crashes, output, ...blank };
}

function stepOf<Deps>(graph: Graph<Deps>, name: string): Step<Deps> {
  const step = graph.steps.find((candidate) => candidate.name === name);
  if (!step) throw new Error(`the graph ${graph.kind} has no step ${name}`);
  return step;
}

function viewOf(steps: Map<string, StepView>, name: string): StepView {
  const view = steps.get(name);
  if (!view) throw new Error(`the run has no step ${name}`);
  return view;
}
