/**
 * The worker's side of all runs: claims what is due, carries it, and hands it back. Two things make it look: a wake-up
 * (`poke`, from pg-boss) and its own sweep twice a second, which also finds the runs of dead workers. The tables hold
 * the truth; a lost wake-up costs half a second, a killed worker the rest of its lease.
 */
import { hostname } from "node:os";
import type { Sql } from "../db/tx.ts";
import { createAdvancer } from "./advancer.ts";
import { claimRuns } from "./claim.ts";
import type { Graph } from "./graph.ts";
import { createLeaseKeeper } from "./lease.ts";
import type { RunKind } from "./run.ts";
import { type EngineEvent, runSteps } from "./run-steps.ts";

const sweepEveryMs = 500;

export interface EngineOptions<Deps> {
  sql: Sql;
  deps: Deps;
  graphs: readonly Graph<Deps>[];
  /** Runs carried at the same time by this worker. */
  runsMax: number;
  /** How long a failed run is parked before it rolls back by itself; 0 = at once. */
  holdSeconds: number;
  observe?(event: EngineEvent): void;
}

export interface Engine {
  /** Look for due runs now. */
  poke(): void;
  /** Hands every run back and resolves when nothing runs any more. */
  close(): Promise<void>;
}

export function createEngine<Deps>(options: EngineOptions<Deps>): Engine {
  const { sql, runsMax, observe = () => {} } = options;
  const owner = `${hostname()}:${process.pid}:${Bun.randomUUIDv7().slice(-6)}`;
  const graphs = new Map<RunKind, Graph<Deps>>(options.graphs.map((graph) => [graph.kind, graph]));
  const leases = createLeaseKeeper(sql, owner);
  const advance = createAdvancer(sql);
  const closing = new AbortController();
  const carried = new Map<string, Promise<void>>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let looking: Promise<void> | undefined;
  let lookAgain = false;

  const pokeIn = (seconds: number) => {
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        poke();
      },
      seconds * 1000 + 1,
    );
    timers.add(timer);
  };

  const carry = (claim: Awaited<ReturnType<typeof claimRuns>>[number]) => {
    const graph = graphs.get(claim.run.kind);
    if (!graph) return;
    observe({ type: "claimed", run: claim.run });
    const watch = (event: EngineEvent) => {
      if (event.type === "left" && event.wakeSeconds !== null && event.wakeSeconds < 60)
        pokeIn(event.wakeSeconds);
      observe(event);
    };
    const work = runSteps(graph, claim, {
      ...options,
      advance,
      leases,
      closing: closing.signal,
      observe: watch,
    })
      .catch((error: unknown) => observe({ type: "crashed", run: claim.run, error }))
      .finally(() => {
        carried.delete(key);
        if (lookAgain) poke();
      });
    const key = `${claim.run.id}:${claim.run.epoch}`;
    carried.set(key, work);
  };

  const look = async () => {
    do {
      lookAgain = false;
      const room = runsMax - carried.size;
      if (room <= 0) {
        lookAgain = true;
        return;
      }
      const claims = await claimRuns(sql, owner, [...graphs.keys()], room).catch((error: unknown) => {
        observe({ type: "sweep_failed", error });
        return [];
      });
      claims.forEach(carry);
      if (claims.length > 0) lookAgain = true;
    } while (lookAgain && !closing.signal.aborted);
  };

  function poke(): void {
    if (closing.signal.aborted) return;
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = look().finally(() => {
      looking = undefined;
    });
  }

  const sweep = setInterval(poke, sweepEveryMs);
  poke();
  return {
    poke,
    async close() {
      clearInterval(sweep);
      closing.abort();
      timers.forEach(clearTimeout);
      await looking;
      await Promise.all(carried.values());
      await leases.close();
    },
  };
}
