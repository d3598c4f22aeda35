/**
 * What an engine adds to work that takes no time: runs of ten no-op steps at 1, 20 and 100 in flight, and runs with five
 * 50 ms steps in parallel. Contenders take turns (A B C A B C), each measurement in its own process and database.
 */
import { join } from "node:path";
import type { BenchContext, BenchResult, BenchTable } from "./harness/bench.ts";
import { installPeers } from "./harness/install-peers.ts";
import { runChild } from "./harness/run-child.ts";
import { rounded, summary } from "./harness/summary.ts";
import { linearSteps, parallelSteps, parallelStepMs } from "./contenders/contender.ts";
import { engineNames } from "./contenders/load.ts";
import type { Load, Measured } from "./contenders/run.ts";

const loads: readonly Load[] = [
  { inFlight: 1, warmUpRuns: 15, runsMax: 200, secondsMax: 1.5, parallelRuns: 6 },
  { inFlight: 20, warmUpRuns: 100, runsMax: 2000, secondsMax: 1.5, parallelRuns: 0 },
  { inFlight: 100, warmUpRuns: 200, runsMax: 5000, secondsMax: 2, parallelRuns: 0 },
];
const floor = "pg-boss";
const script = join(import.meta.dir, "contenders", "run.ts");
const metrics = [
  "runsPerSecond",
  "pickupMs",
  "latencyMs",
  "latencyP95Ms",
  "stepMs",
  "parallelOverIdealMs",
] as const;
type Metric = (typeof metrics)[number];

interface Sample {
  contender: string;
  inFlight: number;
  round: number;
  measured: Measured;
}

/** Runs all contenders in turn and returns one table per load. */
export async function run(context: BenchContext): Promise<BenchResult> {
  await installPeers(context.log);
  const names = engineNames(context.only);
  const samples: Sample[] = [];
  for (let round = 0; round <= context.rounds; round += 1) {
    for (const load of loads) {
      for (const contender of names) {
        const measured = await measure(context, contender, load);
        if (round > 0) samples.push({ contender, inFlight: load.inFlight, round, measured });
      }
    }
    context.log(round === 0 ? "warm-up done" : `round ${round} of ${context.rounds} done`);
  }
  const summaries = loads.map((load) => ({
    inFlight: load.inFlight,
    contenders: names.map((name) => summarize(samples, names, name, load.inFlight)),
  }));
  return {
    setup: {
      linearSteps,
      parallelSteps,
      parallelStepMs,
      loads,
      floor,
      ownProcess: true,
      freshDatabase: true,
    },
    tables: summaries.map(({ inFlight, contenders }) => tableOf(inFlight, contenders)),
    figures: { summaries, samples },
  };
}

async function measure(context: BenchContext, contender: string, load: Load): Promise<Measured> {
  const database = `bench_${contender.replaceAll("-", "_")}`;
  const server = await context.server();
  const url = await server.createDatabase(database);
  try {
    return (await runChild(script, [contender, url, JSON.stringify(load)])) as Measured;
  } finally {
    await server.dropDatabase(database);
  }
}

function summarize(
  samples: readonly Sample[],
  names: readonly string[],
  contender: string,
  inFlight: number,
) {
  const measuredOf = (name: string) =>
    samples
      .filter((sample) => sample.contender === name && sample.inFlight === inFlight)
      .map((sample) => sample.measured);
  const medianOf = (name: string, metric: Metric) => summaryOf(measuredOf(name), metric).median;
  const ratios = (metric: Metric) =>
    Object.fromEntries(
      names.map((name) => [name, rounded(medianOf(contender, metric) / medianOf(name, metric), 2)]),
    );
  const own = measuredOf(contender);
  return {
    contender,
    version: own[0]?.version ?? "",
    settings: own[0]?.settings ?? {},
    figures: Object.fromEntries(metrics.map((metric) => [metric, summaryOf(own, metric)])),
    /** This contender's median divided by each other one's. */
    stepMsOver: ratios("stepMs"),
    runsPerSecondOver: ratios("runsPerSecond"),
  };
}

function summaryOf(all: readonly Measured[], metric: Metric) {
  return summary(all.map((measured) => measured[metric] ?? Number.NaN));
}

function tableOf(inFlight: number, contenders: ReturnType<typeof summarize>[]): BenchTable {
  const withParallel = inFlight === 1;
  const columns = [
    "contender",
    "ms/step",
    "min",
    "max",
    "x floor",
    "pickup ms",
    "run ms",
    "p95",
    "runs/s",
    "x floor",
  ];
  const rows = contenders.map(({ contender, version, figures, stepMsOver, runsPerSecondOver }) => {
    const median = (metric: string) => figures[metric]?.median ?? null;
    const step = figures["stepMs"];
    const row = [
      `${contender} ${version}`,
      step?.median ?? null,
      step?.min ?? null,
      step?.max ?? null,
      stepMsOver[floor] ?? null,
    ];
    row.push(
      median("pickupMs"),
      median("latencyMs"),
      median("latencyP95Ms"),
      median("runsPerSecond"),
      runsPerSecondOver[floor] ?? null,
    );
    return withParallel ? [...row, median("parallelOverIdealMs")] : row;
  });
  const title = `${linearSteps} no-op steps, ${inFlight} in flight (medians of the rounds; floor = ${floor})`;
  return { title, columns: withParallel ? [...columns, "5x50ms over ideal"] : columns, rows };
}
