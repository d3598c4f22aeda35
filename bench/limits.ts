/**
 * Are limits exact? 200 callers at once in two processes against a limit of 100, window after window, and the same for
 * two limits at once (department and pair), of which one refuses. Both contenders ask in the same windows, in turn.
 */
import { join } from "node:path";
import postgres from "postgres";
import { z } from "zod";
import { migrate } from "../src/db/migrate.ts";
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { installPeers } from "./harness/install-peers.ts";
import { rounded, summary } from "./harness/summary.ts";

const windowsDefault = 50;
const callers = 200;
const limit = 100;
const processes = 2;
const windowMs = 1000;
/** A quiet second between two windows, so that windows that begin with their first hit have ended, too. */
const everyMs = 2 * windowMs;
const contenders = {
  federation: "limits-federation.ts",
  "rate-limiter-flexible": "../peers/rate-limiter.mjs",
};
/** What the wider of two limits was charged in the window. */
const charged = {
  federation:
    "select coalesce(max(hits), 0)::int as hits from federation.rate_limit where key = 'department:a'",
  "rate-limiter-flexible": "select coalesce(max(points), 0)::int as hits from public.peer_department",
};
const cases = ["one limit", "two limits"] as const;
type Contender = keyof typeof contenders;

interface Window {
  contender: Contender;
  limits: (typeof cases)[number];
  admitted: number;
  /** Hits of the wider limit that nobody was admitted for. */
  wasted: number;
  tookMs: number;
}

export async function run(context: BenchContext): Promise<BenchResult> {
  await installPeers(context.log);
  const server = await context.server();
  const url = await server.createDatabase("bench_limits");
  await migrate({ adminUrl: url });
  const windows: Window[] = [];
  const names = Object.keys(contenders) as Contender[];
  const wanted = context.seconds ? Math.ceil((context.seconds * 1000) / everyMs) : windowsDefault;
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  let crossed = 0;
  for (const limits of cases) {
    const callersOf = new Map<Contender, Callers[]>();
    for (const name of names) callersOf.set(name, await startAll(contenders[name], url, limits));
    try {
      for (let window = -1; window < wanted;) {
        await untilNextWindow();
        const startedAtMs = performance.now();
        const measured: Window[] = [];
        for (const name of names) measured.push(await askAll(sql, name, limits, callersOf.get(name) ?? []));
        const isWhole = performance.now() - startedAtMs < windowMs * 0.9;
        if (!isWhole) crossed += 1;
        else if (++window > 0) windows.push(...measured);
        if (crossed > wanted)
          throw new Error("the machine is too busy: the callers do not fit into a window");
      }
    } finally {
      await Promise.all([...callersOf.values()].flat().map((one) => one.stop()));
    }
    context.log(`${limits}: ${wanted} windows done`);
  }
  await sql.end({ timeout: 5 });
  const rows = names.flatMap((name) => cases.map((limits) => rowOf(windows, name, limits)));
  return {
    setup: { callers, limit, processes, windowMs, windows: wanted, windowsRepeatedBecauseTooSlow: crossed },
    tables: [
      {
        title: `Limit ${limit}, ${callers} callers at once in ${processes} processes, ${wanted} windows (reach: over-admission 0)`,
        columns: [
          "",
          "limits",
          "admitted",
          "least",
          "most",
          "over-admission",
          "hits wasted per window",
          "calls/s",
        ],
        rows,
      },
    ],
    figures: { windows },
  };
}

function rowOf(windows: Window[], contender: Contender, limits: Window["limits"]): Cell[] {
  const mine = windows.filter((one) => one.contender === contender && one.limits === limits);
  const admitted = mine.map((one) => one.admitted);
  const over = admitted.reduce((sum, count) => sum + Math.max(0, count - limit), 0);
  const { median, min, max } = summary(admitted);
  const wasted = summary(mine.map((one) => one.wasted)).median;
  const perSecond = rounded((callers * 1000) / summary(mine.map((one) => one.tookMs)).median, 0);
  return [contender, limits, median, min, max, over, wasted, perSecond];
}

interface Callers {
  /** How many of them were admitted. */
  ask(): Promise<number>;
  stop(): Promise<void>;
}

const answer = z.union([z.literal("ready"), z.number()]);

/** Each process has half of the callers; they begin when they are told to. */
async function startAll(script: string, databaseUrl: string, limits: string): Promise<Callers[]> {
  const setup = JSON.stringify({ databaseUrl, limits, limit, windowMs, callers: callers / processes });
  return Promise.all(
    Array.from({ length: processes }, async () => {
      let heard = Promise.withResolvers<z.infer<typeof answer>>();
      const child = Bun.spawn([process.execPath, join(import.meta.dir, "contenders", script), setup], {
        stdio: ["ignore", "inherit", "inherit"],
        ipc: (message) => heard.resolve(answer.parse(message)),
        onExit: () => heard.reject(new Error(`${script} ended`)),
      });
      await heard.promise;
      return {
        async ask() {
          heard = Promise.withResolvers();
          child.send("ask");
          const told = await heard.promise;
          if (told === "ready") throw new Error("not an answer");
          return told;
        },
        async stop() {
          heard.promise.catch(() => {});
          child.kill("SIGTERM");
          await child.exited;
        },
      };
    }),
  );
}

async function askAll(
  sql: postgres.Sql,
  contender: Contender,
  limits: Window["limits"],
  all: Callers[],
): Promise<Window> {
  const startedAtMs = performance.now();
  const counts = await Promise.all(all.map((one) => one.ask()));
  const tookMs = performance.now() - startedAtMs;
  const admitted = counts.reduce((sum, count) => sum + count, 0);
  if (limits === "one limit") return { contender, limits, admitted, wasted: 0, tookMs };
  const [row] = await sql.unsafe<{ hits: number }[]>(charged[contender]);
  return { contender, limits, admitted, wasted: (row?.hits ?? 0) - admitted, tookMs };
}

/** Ours are aligned to the epoch. */
async function untilNextWindow(): Promise<void> {
  await Bun.sleep(everyMs - (Date.now() % everyMs) + 10);
}
