/**
 * One run in the hands of one worker: begin every ready step in parallel, store each result, repeat.
 * What must stay true: nothing begins before its row says so; nothing is written without the epoch; a step's effect
 * happens under its own fence. On a crash the rows say `running`, the next worker repeats those steps. On a lost
 * lease everything is aborted and nothing more is written.
 */
import type { Sql } from "../db/tx.ts";
import type { StoreAdvance } from "./advancer.ts";
import { attemptStep } from "./attempt-step.ts";
import type { Claim } from "./claim.ts";
import { type Decision, decide, type RunChange, type Settled, type Snapshot } from "./decide.ts";
import type { Graph } from "./graph.ts";
import type { LeaseKeeper } from "./lease.ts";
import type { ClaimedRun, StepView } from "./run.ts";
import type { Tracer } from "../traces/tracer.ts";
import { traceStep } from "../traces/trace-run.ts";

/** What the engine tells whoever measures or logs; never carries inputs, outputs or secrets. */
export type EngineEvent =
  | { type: "claimed"; run: ClaimedRun }
  | {
      type: "begun" | "settled" | "stored";
      run: ClaimedRun;
      step: string;
      attempt: number;
      outcome?: Settled["outcome"];
    }
  | { type: "left"; run: ClaimedRun; status: RunChange["status"] | "lost"; wakeSeconds: number | null }
  | { type: "crashed"; run: ClaimedRun; error: unknown }
  | { type: "sweep_failed"; error: unknown };

export interface RunStepsOptions<Deps> {
  sql: Sql;
  deps: Deps;
  advance: StoreAdvance;
  leases: LeaseKeeper;
  /** For a failed run: see DecideOptions. */
  holdSeconds: number;
  /** Aborted when the worker is going away. */
  closing: AbortSignal;
  observe(event: EngineEvent): void;
  tracer: Tracer;
}

/** setTimeout takes 31 bits. */
const timerMsMax = 2 ** 31 - 1;

interface RunState {
  snapshot: Snapshot;
  inFlight: Map<string, Promise<void>>;
  settled: Settled[];
  abort: AbortController;
  lost: boolean;
  /** Resolves the present wait when a cancel, a loss or a closing worker changes what is to be done. */
  wake(): void;
}

/** Carries a claimed run as far as it goes; resolves when it is over, waiting, parked or lost. */
export async function runSteps<Deps>(
  graph: Graph<Deps>,
  claim: Claim,
  options: RunStepsOptions<Deps>,
): Promise<void> {
  const { run } = claim;
  const state: RunState = {
    snapshot: { status: run.status, cancelRequested: run.cancelRequested, steps: claim.steps },
    inFlight: new Map(),
    settled: [],
    abort: new AbortController(),
    lost: false,
    wake: () => {},
  };
  const interrupt = () => {
    state.abort.abort();
    state.wake();
  };
  options.leases.hold(run, {
    onCancel: () => {
      state.snapshot.cancelRequested = true;
      if (state.snapshot.status === "running") interrupt();
    },
    onLost: () => {
      state.lost = true;
      interrupt();
    },
  });
  options.closing.addEventListener("abort", interrupt);
  try {
    await loop(graph, run, state, options);
  } finally {
    options.closing.removeEventListener("abort", interrupt);
    options.leases.drop(run.id);
    state.abort.abort();
    await Promise.all(state.inFlight.values());
  }
}

async function loop<Deps>(
  graph: Graph<Deps>,
  run: ClaimedRun,
  state: RunState,
  options: RunStepsOptions<Deps>,
) {
  for (;;) {
    if (state.lost) return options.observe({ type: "left", run, status: "lost", wakeSeconds: null });
    if (options.closing.aborted && state.inFlight.size === 0) return leave(graph, run, state, options);
    const decision = options.closing.aborted ? onlyResults(graph, state) : next(graph, run, state, options);
    const proceed = await store(graph, run, state, decision, options);
    if (!proceed) return;
    for (const name of decision.start) begin(graph, run, state, name, options);
    if (state.settled.length > 0) continue;
    if (state.inFlight.size > 0) await change(state);
    else if (decision.changes.length === 0 && !decision.run && !options.closing.aborted) {
      throw new Error(`run ${run.id} has nothing to do`);
    }
  }
}

function next<Deps>(
  graph: Graph<Deps>,
  run: ClaimedRun,
  state: RunState,
  options: RunStepsOptions<Deps>,
): Decision {
  const holdSeconds = holdOf(run, graph.pointOfNoReturn === undefined ? options.holdSeconds : null);
  return decide(graph, state.snapshot, state.settled.splice(0), new Set(state.inFlight.keys()), {
    nowMs: performance.now(),
    holdSeconds,
    random: Math.random,
  });
}

/** A run's own `failure_hold_minutes` wins over the installation's, which is not for plans with a point of no return. */
function holdOf(run: ClaimedRun, holdSeconds: number | null): number | null {
  const minutes = run.input["failure_hold_minutes"];
  return typeof minutes === "number" ? minutes * 60 : holdSeconds;
}

/** While the worker closes, results that still come in are stored and nothing new begins. */
function onlyResults<Deps>(graph: Graph<Deps>, state: RunState): Decision {
  const none = { nowMs: performance.now(), holdSeconds: null, random: Math.random };
  const inFlight = new Set(graph.steps.map((step) => step.name));
  return decide(graph, state.snapshot, state.settled.splice(0), inFlight, none);
}

/** Hands the run back so that another worker takes it at once. */
async function leave<Deps>(
  graph: Graph<Deps>,
  run: ClaimedRun,
  state: RunState,
  options: RunStepsOptions<Deps>,
) {
  const status = state.snapshot.status === "running" ? ("waiting" as const) : state.snapshot.status;
  const { changes } = onlyResults(graph, state);
  const handBack = { status, wakeSeconds: 0, release: true, errorCode: null, errorMessage: null };
  await store(graph, run, state, { changes, run: handBack, start: [] }, options);
}

/** False when the run is no longer ours to continue: over, released or lost. */
async function store<Deps>(
  graph: Graph<Deps>,
  run: ClaimedRun,
  state: RunState,
  decision: Decision,
  options: RunStepsOptions<Deps>,
): Promise<boolean> {
  const { changes, run: runChange } = decision;
  if (changes.length === 0 && !runChange) return true;
  const departmentStatus = departmentStatusAfter(graph, runChange);
  const advanced = await options.advance({ run, steps: changes, change: runChange, departmentStatus });
  if (!advanced) {
    state.lost = true;
    options.observe({ type: "left", run, status: "lost", wakeSeconds: null });
    return false;
  }
  for (const change of changes) {
    if (!advanced.stored.has(change.name)) continue;
    state.snapshot.steps.set(change.name, viewAfter(change));
    options.observe({ type: "stored", run, step: change.name, attempt: change.attempt });
  }
  decision.start = decision.start.filter((name) => advanced.stored.has(name));
  if (advanced.cancelRequested && !state.snapshot.cancelRequested) {
    state.snapshot.cancelRequested = true;
    if (state.snapshot.status === "running") state.abort.abort();
  }
  if (!runChange) return true;
  if (runChange.release) {
    options.observe({ type: "left", run, status: runChange.status, wakeSeconds: runChange.wakeSeconds });
    return false;
  }
  if (runChange.status === "rolling_back") beginRollback(run, state);
  return true;
}

function beginRollback(run: ClaimedRun, state: RunState): void {
  run.status = "rolling_back";
  state.snapshot.status = "rolling_back";
  state.abort = new AbortController();
}

function departmentStatusAfter<Deps>(graph: Graph<Deps>, change: RunChange | undefined): string | undefined {
  if (change?.status === "failed") return graph.departmentStatus.parked;
  const back = change?.status === "rolled_back" || change?.status === "cancelled";
  return back ? graph.departmentStatus.rolledBack : undefined;
}

function begin<Deps>(
  graph: Graph<Deps>,
  run: ClaimedRun,
  state: RunState,
  name: string,
  options: RunStepsOptions<Deps>,
) {
  const step = graph.steps.find((candidate) => candidate.name === name);
  const view = state.snapshot.steps.get(name);
  if (!step || !view) throw new Error(`the graph ${graph.kind} has no step ${name}`);
  options.observe({ type: "begun", run, step: name, attempt: view.attempt });
  const output = (other: string) => state.snapshot.steps.get(other)?.output ?? undefined;
  const { signal } = state.abort;
  const attempt = traceStep(options.tracer, { run, step: name, attempt: view.attempt }, () =>
    attemptStep(step, { run, attempt: view.attempt, output, signal }, options),
  );
  const settle = attempt.then((outcome) => {
    state.inFlight.delete(name);
    state.settled.push({ name, outcome });
    options.observe({ type: "settled", run, step: name, attempt: view.attempt, outcome });
    state.wake();
  });
  state.inFlight.set(name, settle);
}

/** Waits for the next result, interrupt or waiting step that comes due while others still run. */
function change(state: RunState): Promise<void> {
  const wakes = [...state.snapshot.steps.values()].flatMap((view) =>
    view.wakeAtMs === null ? [] : [view.wakeAtMs],
  );
  const inMs = Math.min(...wakes) - performance.now();
  return new Promise((resolve) => {
    const timer =
      Number.isFinite(inMs) && inMs > 0
        ? setTimeout(() => state.wake(), Math.min(inMs, timerMsMax))
        : undefined;
    state.wake = () => {
      clearTimeout(timer);
      state.wake = () => {};
      resolve();
    };
    if (state.settled.length > 0 || state.lost) state.wake();
  });
}

function viewAfter(change: Decision["changes"][number]): StepView {
  const { name, status, attempt, failures, crashes, output, errorCode, errorMessage, wakeSeconds } = change;
  const wakeAtMs = wakeSeconds === null ? null : performance.now() + wakeSeconds * 1000;
  return { name, status, attempt, failures, crashes, output, errorCode, errorMessage, wakeAtMs };
}
