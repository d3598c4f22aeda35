/**
 * A cross-department question from HTTP request to answer at 32 connections: token, limits, grant, record, search.
 * The floor is the same statements sent by a bare client; the classic stack is what one would build with Express.
 * Contenders take turns on one database, each in its own process; fsync on.
 */
import { join } from "node:path";
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import type { LoadResult } from "./harness/drive-load.ts";
import { installPeers } from "./harness/install-peers.ts";
import { runChild } from "./harness/run-child.ts";
import { rounded, summary } from "./harness/summary.ts";
import { type Served, startClassic, startWeb } from "./contenders/gateway-servers.ts";
import { type GatewayWorld, prepareGatewayWorld, words } from "./contenders/gateway-world.ts";

const inFlight = 32;
const documents = 1000;
/** Connections to Postgres: ours has its default of 10; the others were fastest with these. */
const pools = { floor: 32, classic: 32 };
const targets = { ofFloor: 0.6, timesClassic: 3, p99Ms: 25, perSecond: 1000 };
/** `classic` searches as ours does, `classic table` in one table for all departments. */
const contenders = ["floor", "federation", "classic", "classic table"] as const;
type Contender = (typeof contenders)[number];

interface Sample extends LoadResult {
  contender: Contender;
  /** Departments that ask: 32 = every connection its own, 1 = all on one audit chain and one limit. */
  sources: number;
  round: number;
}

export async function run(context: BenchContext): Promise<BenchResult> {
  await installPeers(context.log);
  const server = await context.server();
  const departments = Math.max(context.departments ?? inFlight, 2);
  const seconds = context.seconds ?? 4;
  const world = await prepareGatewayWorld(await server.createDatabase("bench_gateway"), {
    departments,
    documents,
  });
  context.log(`${departments} departments of ${documents} documents are there`);
  const started: Partial<Record<Contender, Served>> = {};
  const samples: Sample[] = [];
  try {
    started.federation = await startWeb(world);
    started.classic = await startClassic(world, { poolMax: pools.classic, oneTable: false });
    started["classic table"] = await startClassic(world, { poolMax: pools.classic, oneTable: true });
    for (let round = 0; round <= context.rounds; round += 1) {
      for (const sources of [departments, 1]) {
        for (const contender of contenders) {
          if (context.only.length > 0 && !context.only.includes(contender)) continue;
          const load = {
            inFlight,
            warmUpSeconds: round === 0 ? 3 : 0.5,
            seconds: round === 0 ? 0.5 : seconds,
          };
          const measured = await measure(started[contender], world, { ...load, sources });
          if (round > 0) samples.push({ contender, sources, round, ...measured });
        }
      }
      context.log(round === 0 ? "warm-up done" : `round ${round} of ${context.rounds} done`);
    }
  } finally {
    await Promise.all(Object.values(started).map((served) => served.stop()));
  }
  return {
    setup: {
      inFlight,
      departments,
      documents,
      secondsPerRound: seconds,
      pools: { ...pools, federation: 10 },
      targets,
    },
    tables: [departments, 1].map((sources) => tableOf(samples, sources)),
    figures: { samples },
  };
}

type Load = { inFlight: number; warmUpSeconds: number; seconds: number; sources: number };

async function measure(served: Served | undefined, world: GatewayWorld, load: Load): Promise<LoadResult> {
  const script = (name: string) => join(import.meta.dir, "contenders", name);
  if (!served) {
    const options = JSON.stringify({ ...load, poolMax: pools.floor });
    return (await runChild(script("gateway-floor.ts"), [JSON.stringify(world), options])) as LoadResult;
  }
  const requests = world.departments.slice(0, load.sources).map(({ targetId }, at) => ({
    token: served.tokens[at],
    bodies: words.map((word) =>
      JSON.stringify({
        target_department_id: targetId,
        query_type: "search_documents",
        query_params: { query: word, limit: 10 },
        reason: "bench",
      }),
    ),
  }));
  return (await runChild(script("http-load.ts"), [
    served.url,
    JSON.stringify(requests),
    JSON.stringify(load),
  ])) as LoadResult;
}

function tableOf(samples: Sample[], sources: number) {
  const of = (contender: Contender) =>
    samples.filter((one) => one.contender === contender && one.sources === sources);
  const rate = (contender: Contender) => summary(of(contender).map((one) => one.perSecond));
  const rows = contenders.map((contender): Cell[] => {
    const [rates, mine] = [rate(contender), of(contender)];
    const ms = (key: "p50Ms" | "p95Ms" | "p99Ms") => summary(mine.map((one) => one[key])).median;
    const ratios = (["floor", "classic", "classic table"] as const).map((other) =>
      rounded(rates.median / rate(other).median, 2),
    );
    return [contender, rates.median, rates.min, rates.max, ms("p50Ms"), ms("p95Ms"), ms("p99Ms"), ...ratios];
  });
  const who = sources === 1 ? "one department asks" : `${sources} departments ask`;
  return {
    title: `Questions at ${inFlight} connections, ${who} (reach ≥ 0.6 × floor, ≥ 3 × classic, p99 ≤ 25 ms, ≥ 1,000/s)`,
    columns: [
      "",
      "per second",
      "min",
      "max",
      "p50 ms",
      "p95 ms",
      "p99 ms",
      "x floor",
      "x classic",
      "x classic table",
    ],
    rows,
  };
}
