/**
 * 100,000 sealed values under 100 department keys, all keys rotated at once while the values are read and written. Once
 * with a worker that lives, then with one that is killed (kill -9) again and again. Every value is checked afterwards.
 */
import { migrate } from "../src/db/migrate.ts";
import { type LoadResult, rotateUnderLoad } from "../test/helpers/rotate-under-load.ts";
import { keyWorld } from "../test/keys/world.ts";
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { percentile, rounded } from "./harness/summary.ts";

const departmentsDefault = 100;
const valuesEach = 1000;
const kills = [0, 50];
const load = { readers: 4, writers: 2 };
const targets = { seconds: 60, failedReads: 0, rowsLeft: 0 };

export async function run(context: BenchContext): Promise<BenchResult> {
  const departments = context.departments ?? departmentsDefault;
  const results: LoadResult[] = [];
  for (const killsMin of kills) {
    results.push(await measure(context, { departments, valuesEach, killsMin, ...load }));
    context.log(`rotate: ${killsMin} kills done`);
  }
  const title = `${departments * valuesEach} values under ${departments} keys (target ≤ 60 s, 0 failed reads, 0 values left)`;
  return {
    setup: { departments, valuesEach, kills, ...load, leaseSeconds: 1, batchSize: 500, targets },
    tables: [
      {
        title,
        columns: [
          ...["worker killed", "s", "values/s", "reads", "failed", "read ms p50", "p99"],
          ...["writes", "failed", "left on old keys", "damaged"],
        ],
        rows: results.map(rowOf),
      },
    ],
    figures: results.map(({ readMs, ...result }) => ({
      ...result,
      seconds: rounded(result.seconds),
      readMs: { p50: rounded(percentile(readMs, 50)), p99: rounded(percentile(readMs, 99)) },
    })),
  };
}

async function measure(
  context: BenchContext,
  options: Parameters<typeof rotateUnderLoad>[1],
): Promise<LoadResult> {
  const server = await context.server();
  const name = `rotate_${options.killsMin}`;
  const url = await server.createDatabase(name);
  await migrate({ adminUrl: url });
  const database = {
    adminUrl: url,
    appUrl: url,
    gatewayUrl: url,
    provisionerUrl: url,
    close: () => server.dropDatabase(name),
  };
  const world = await keyWorld(database);
  try {
    return await rotateUnderLoad(world, options);
  } finally {
    await world.close();
  }
}

function rowOf(result: LoadResult): Cell[] {
  return [
    result.kills === 0 ? "never" : `${result.kills} times`,
    rounded(result.seconds, 1),
    Math.round(result.values / result.seconds),
    result.reads,
    String(result.failedReads),
    rounded(percentile(result.readMs, 50), 2),
    rounded(percentile(result.readMs, 99), 2),
    result.writes,
    String(result.failedWrites),
    String(result.rowsLeft),
    String(result.damaged),
  ];
}
