/**
 * A worker is killed (kill -9) or paused (SIGSTOP) at a random moment of a run of ten 100 ms steps while a second worker
 * is alive. Measured: how long until another worker executes a step, and whether an effect of a step that was already
 * recorded as done happened again, also after the paused worker woke up. A step that was interrupted half way may be
 * repeated; that is counted apart.
 */
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { installPeers } from "./harness/install-peers.ts";
import { percentile, rounded } from "./harness/summary.ts";
import { linearSteps, type TakeoverContender } from "./contenders/contender.ts";
import { effectMs } from "./contenders/effects.ts";
import { loadTakeover, takeoverNames } from "./contenders/load.ts";
import { capSeconds, type Interrupted, interruptOnce, type Signal } from "./harness/interrupt-once.ts";

const signals: readonly Signal[] = ["SIGKILL", "SIGSTOP"];

/** Runs every contender's repetitions, several at a time, each in a database of its own. */
export async function run(context: BenchContext): Promise<BenchResult> {
  await installPeers(context.log);
  const figures = [];
  for (const name of takeoverNames(context.only)) {
    const contender = await loadTakeover(name);
    const results = await interruptMany(context, contender);
    const series = signals.map((signal) =>
      summarize(
        signal,
        results.filter((result) => result.signal === signal),
      ),
    );
    figures.push({
      contender: name,
      version: contender.version,
      settings: contender.settings,
      series,
      results,
    });
    context.log(`${name}: ${results.length} interruptions done`);
  }
  const columns = [
    "contender",
    "signal",
    "times",
    "taken over",
    "median s",
    "p99 s",
    "max s",
    "duplicates",
    "repeated",
  ];
  const rows = figures.flatMap(({ contender, version, series }) =>
    series.map((one): Cell[] => [
      `${contender} ${version}`,
      one.signal,
      String(one.times),
      takenText(one.takenOver, one.times),
      one.medianSeconds,
      one.p99Seconds,
      one.maxSeconds,
      String(one.duplicates),
      String(one.repeated),
    ]),
  );
  const title = `Interrupted worker to first step by another one; not within ${capSeconds} s counts as not taken over`;
  return {
    setup: { steps: linearSteps, effectMs, workers: 2, capSeconds },
    tables: [{ title, columns, rows }],
    figures,
  };
}

async function interruptMany(context: BenchContext, contender: TakeoverContender): Promise<Interrupted[]> {
  const tasks = Array.from({ length: contender.repetitions }, () => signals).flat();
  const server = await context.server();
  const results: Interrupted[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < tasks.length; index = next++) {
      const database = `bench_takeover_${index}`;
      const url = await server.createDatabase(database);
      results.push(await interruptOnce(contender, url, tasks[index] ?? "SIGKILL"));
      await server.dropDatabase(database);
    }
  };
  await Promise.all(Array.from({ length: contender.atOnce }, lane));
  return results;
}

function summarize(signal: Signal, results: readonly Interrupted[]) {
  const seconds = results.flatMap((result) =>
    result.takeoverSeconds === null ? [] : [result.takeoverSeconds],
  );
  const of = (percent: number) => (seconds.length === 0 ? null : rounded(percentile(seconds, percent)));
  return {
    signal,
    times: results.length,
    takenOver: seconds.length,
    medianSeconds: of(50),
    p99Seconds: of(99),
    maxSeconds: of(100),
    duplicates: results.reduce((sum, result) => sum + result.duplicates, 0),
    repeated: results.reduce((sum, result) => sum + result.repeated, 0),
  };
}

function takenText(taken: number, times: number): string {
  return taken === 0 ? `none within ${capSeconds} s` : `${taken} of ${times}`;
}
