/**
 * The worker's side of all runs: claims what is due, carries it, and hands it back. Two things make it look: a wake-up
 * (`poke`, from pg-boss) and its own sweep twice a second, which also finds the runs of dead workers. The tables hold
 * the truth; a lost wake-up costs half a second, a killed worker the rest of its lease.
 */
import { hostname } from "node:os";
import type { Sql } from "../db/tx.ts";
import { createAdvancer } from "./advancer.ts";
import { type Claim, claimRuns } from "./claim.ts";
import { coalesce } from "./coalesce.ts";
import type { Graph } from "./graph.ts";
import { createLeaseKeeper } from "./lease.ts";
import { noTracer, type Tracer } from "../traces/tracer.ts";
import { traceRun } from "../traces/trace-run.ts";
import type { RunKind } from "./run.ts";
import { type EngineEvent, runSteps } from "./run-steps.ts";

const sweepEveryMs = 500;
const wakeSecondsMax = 60;

export interface EngineOptions<Deps> {
  sql: Sql;
  deps: Deps;
  graphs: readonly Graph<Deps>[];
  /** Runs carried at the same time by this worker. */
  runsMax: number;
  /** How long a failed run is parked before it rolls back by itself; 0 = at once. */
  holdSeconds: number;
  observe?(event: EngineEvent): void;
  tracer?: Tracer;
}

export interface Engine {
  /** Look for due runs now. */
  poke(): void;
  /** Hands every run back and resolves when nothing runs any more. */
  close(): Promise<void>;
}

export function createEngine<Deps>(options: EngineOptions<Deps>): Engine {
  const { sql, runsMax, observe = () => {}, tracer = noTracer } = options;
  const owner = `${hostname()}:${process.pid}:${Bun.randomUUIDv7().slice(-6)}`;
  const graphs = new Map<RunKind, Graph<Deps>>(options.graphs.map((graph) => [graph.kind, graph]));
  const leases = createLeaseKeeper(sql, owner);
  const advance = createAdvancer(sql);
  const closing = new AbortController();
  const carried = new Set<Promise<void>>();
  const timers = createTimers();

  const look = coalesce(async () => {
    const room = runsMax - carried.size;
    if (room <= 0) return;
    const claims = await claimRuns(sql, owner, [...graphs.keys()], room).catch((error: unknown) => {
      observe({ type: "sweep_failed", error });
      return [];
    });
    claims.forEach(carry);
    if (claims.length === room) look.call();
  });

  function carry(claim: Claim): void {
    const graph = graphs.get(claim.run.kind);
    if (!graph) return;
    const watch = (event: EngineEvent) => {
      if (event.type === "left" && event.wakeSeconds !== null) timers.after(event.wakeSeconds, look.call);
      observe(event);
    };
    const carrying = { ...options, advance, leases, closing: closing.signal, observe: watch, tracer };
    const work = traceRun(tracer, claim.run, () => {
      watch({ type: "claimed", run: claim.run });
      return runSteps(stepsOfRun(graph, claim), claim, carrying);
    })
      .catch((error: unknown) => observe({ type: "crashed", run: claim.run, error }))
      .finally(() => {
        const wasFull = carried.size >= runsMax;
        carried.delete(work);
        if (wasFull) look.call();
      });
    carried.add(work);
  }

  const sweep = setInterval(look.call, sweepEveryMs);
  look.call();
  return {
    poke: look.call,
    async close() {
      clearInterval(sweep);
      timers.clear();
      closing.abort();
      await look.close();
      await Promise.all(carried);
      await leases.close();
    },
  };
}

/** A run is carried by the steps it was submitted with: one that a newer release added is not its own. */
function stepsOfRun<Deps>(graph: Graph<Deps>, { steps }: Claim): Graph<Deps> {
  const own = graph.steps.filter((step) => steps.has(step.name));
  return {
    ...graph,
    steps: own.map((step) => ({ ...step, needs: step.needs.filter((need) => steps.has(need)) })),
  };
}

/** Wakes for runs that wait a short time; longer ones are found by the sweep. */
function createTimers() {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  return {
    after(seconds: number, call: () => void) {
      if (seconds > wakeSecondsMax) return;
      const timer = setTimeout(() => {
        timers.delete(timer);
        call();
      }, seconds * 1000);
      timers.add(timer);
    },
    clear: () => timers.forEach(clearTimeout),
  };
}
