import { decide, type Outcome, type RunChange, type StepChange } from "../../src/provisioning/decide.ts";
import { bindGraph, done, type Graph } from "../../src/provisioning/graph.ts";
import { isIrreversible, type Plan, withDependents } from "../../src/provisioning/plans.ts";
import type { RunStatus, StepView } from "../../src/provisioning/run.ts";
import { runTransitions, stepTransitions } from "../../src/provisioning/state.ts";

type Outcomes = "good" | "wait" | "skip" | "retryable" | "fatal";

/** A run in memory, with the rules of claim.ts, advance.ts, retry-run.ts and cancel-run.ts; throws on a forbidden step. */
export class RunModel {
  status: RunStatus = "queued";
  steps: Map<string, StepView>;
  inFlight = new Set<string>();
  private graph: Graph<object>;
  private nowMs = 0;
  private held = false;
  private cancelRequested = false;
  private wakeAtMs: number | null = null;
  private settled: { name: string; outcome: Outcome }[] = [];

  constructor(
    private plan: Plan,
    private holdSeconds: number | null,
  ) {
    const body = { run: () => Promise.resolve(done()) };
    this.graph = bindGraph(plan, Object.fromEntries(plan.steps.map((step) => [step.name, body])));
    this.steps = new Map(plan.steps.map((step) => [step.name, freshStep(step.name)]));
  }

  /** A worker claims if it may, then decides until there is something to wait for. */
  look(): void {
    if (!this.held && !this.claim()) return;
    for (let round = 0; round < 100; round++) {
      const status = this.status === "rolling_back" ? "rolling_back" : "running";
      const snapshot = { status, cancelRequested: this.cancelRequested, steps: this.steps } as const;
      const options = { nowMs: this.nowMs, holdSeconds: this.holdSeconds, random: () => 0.5 };
      const decision = decide(this.graph, snapshot, this.settled.splice(0), this.inFlight, options);
      decision.changes.forEach((change) => this.apply(change));
      if (decision.run) this.applyRun(decision.run);
      decision.start.forEach((name) => this.inFlight.add(name));
      if (!this.held || this.inFlight.size > 0) return;
      if (decision.changes.length === 0 && !decision.run) throw new Error("the run has nothing to do");
    }
    throw new Error("the run decides for ever");
  }

  settle(pick: number, kind: Outcomes): void {
    const name = [...this.inFlight][pick % Math.max(1, this.inFlight.size)];
    if (name === undefined) return;
    this.inFlight.delete(name);
    this.settled.push({ name, outcome: outcomeOf(kind, this.status === "rolling_back") });
  }

  crash(): void {
    if (!this.held) return;
    this.held = false;
    this.wakeAtMs = null;
    this.inFlight.clear();
    this.settled = [];
  }

  pass(seconds: number): void {
    this.nowMs += seconds * 1000;
  }

  cancel(): void {
    if (!["queued", "running", "waiting", "failed"].includes(this.status)) return;
    if (this.isIrreversible()) return;
    this.cancelRequested = true;
    if (["waiting", "failed"].includes(this.status)) this.wakeAtMs = this.nowMs;
    for (const name of this.status === "running" ? this.inFlight : []) {
      this.settled.push({ name, outcome: { kind: "aborted" } });
      this.inFlight.delete(name);
    }
  }

  retry(from: number | null): void {
    if (this.status !== "failed") return;
    const views = [...this.steps.values()];
    const undoing = views.some((step) => step.status === "undoing" || step.status === "undone");
    if ((undoing && from !== null) || (this.cancelRequested && !undoing)) return;
    const redo =
      from === null
        ? []
        : withDependents(this.plan, this.plan.steps[from % this.plan.steps.length]?.name ?? "");
    for (const view of views) {
      const begun = ["done", "skipped"].includes(view.status) && redo.includes(view.name);
      const blank = { failures: 0, crashes: 0, errorCode: null, errorMessage: null, wakeAtMs: null };
      if (view.status === "undoing") this.steps.set(view.name, { ...view, ...blank });
      else if (begun || ["failed", "waiting"].includes(view.status)) {
        this.steps.set(view.name, { ...view, ...blank, status: "pending" });
      }
    }
    if (undoing) this.wakeAtMs = this.nowMs;
    else {
      this.wakeAtMs = null;
      this.move("queued");
    }
  }

  /** From here on everything goes well and nobody interferes: the run must end. */
  driveToEnd(): void {
    for (let round = 0; round < 500; round++) {
      if (["succeeded", "rolled_back", "cancelled"].includes(this.status)) return;
      if (this.status === "failed") this.retry(null);
      this.look();
      while (this.inFlight.size > 0) this.settle(0, "good");
      this.pass(100);
    }
  }

  check(): void {
    if (this.status === "waiting" && this.wakeAtMs === null) throw new Error("waits without an end");
    if (this.status === "running" && !this.held && this.inFlight.size > 0)
      throw new Error("runs without a worker");
    if (this.isIrreversible() && ["rolling_back", "rolled_back", "cancelled"].includes(this.status))
      throw new Error("is taken back behind its point of no return");
  }

  checkOrder(name: string): void {
    const step = this.plan.steps.find((candidate) => candidate.name === name);
    const stateOf = (other: string) => this.steps.get(other)?.status ?? "pending";
    if (this.status === "running") {
      const open = step?.needs.filter((need) => !["done", "skipped"].includes(stateOf(need))) ?? [];
      if (open.length > 0) throw new Error(`${name} began before ${open.join(", ")}`);
      return;
    }
    const dependents = this.plan.steps.filter((other) => other.needs.includes(name));
    const standing = dependents.filter((other) =>
      ["done", "running", "waiting", "failed"].includes(stateOf(other.name)),
    );
    if (standing.length > 0)
      throw new Error(`${name} was taken back before ${standing.map((other) => other.name).join(", ")}`);
  }

  private isIrreversible(): boolean {
    const begun = [...this.steps.values()].filter((step) => step.attempt > 0).map((step) => step.name);
    return isIrreversible(this.plan, begun);
  }

  private claim(): boolean {
    const due = this.wakeAtMs === null ? this.status !== "failed" : this.wakeAtMs <= this.nowMs;
    if (["succeeded", "rolled_back", "cancelled"].includes(this.status) || !due) return false;
    const back = ["failed", "rolling_back"].includes(this.status);
    const cancelled = this.cancelRequested && ["queued", "waiting"].includes(this.status);
    this.move(back || cancelled ? "rolling_back" : "running");
    this.held = true;
    this.wakeAtMs = null;
    return true;
  }

  private apply(change: StepChange): void {
    const view = this.steps.get(change.name);
    if (!view || !stepTransitions[view.status].includes(change.status)) {
      throw new Error(`${change.name}: ${view?.status} -> ${change.status} is not allowed`);
    }
    const { wakeSeconds, waitsFor: _, queueSeconds: __, ...rest } = change;
    this.steps.set(change.name, {
      ...rest,
      wakeAtMs: wakeSeconds === null ? null : this.nowMs + wakeSeconds * 1000,
    });
  }

  private applyRun(change: RunChange): void {
    this.move(change.status);
    if (!change.release) return;
    this.held = false;
    this.wakeAtMs = change.wakeSeconds === null ? null : this.nowMs + change.wakeSeconds * 1000;
  }

  private move(next: RunStatus): void {
    if (!runTransitions[this.status].includes(next))
      throw new Error(`${this.status} -> ${next} is not allowed`);
    this.status = next;
  }
}

function outcomeOf(kind: Outcomes, undoing: boolean): Outcome {
  if (kind === "retryable" || kind === "fatal") {
    return { kind: "error", code: "broken", message: "broken", retryable: kind === "retryable" };
  }
  if (kind === "wait") return { kind: "wait", seconds: 5, why: "testing" };
  if (undoing) return { kind: "undone" };
  return kind === "skip" ? { kind: "skip", reason: "testing" } : done({});
}

function freshStep(name: string): StepView {
  const blank = {
    attempt: 0,
    failures: 0,
    crashes: 0,
    wakeAtMs: null,
    output: null,
    errorCode: null,
    errorMessage: null,
  };
  return { name, status: "pending", ...blank };
}
