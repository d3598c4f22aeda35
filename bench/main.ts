/**
 * bun run bench [name ...] [--rounds 5] [--only a,b] [--departments 20] [--seconds 60]
 * Every other file in this folder is a benchmark with `run(context)`. Each gets a Postgres of its own (fsync on), prints
 * its tables and writes bench/results/<name>.json. Figures are only worth comparing within one run on one machine.
 */
import { mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench, BenchResult, BenchServer } from "./harness/bench.ts";
import { loadAverage, machine } from "./harness/machine.ts";
import { printTable } from "./harness/print-table.ts";
import { startServer } from "./harness/start-server.ts";

const { values, positionals } = parseArgs({
  args: Bun.argv.slice(2),
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "" },
    departments: { type: "string" },
    seconds: { type: "string" },
  },
});

const known = (await readdir(import.meta.dir))
  .filter((file) => file.endsWith(".ts") && file !== "main.ts")
  .map((file) => basename(file, ".ts"))
  .sort();
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}; there are: ${known.join(", ")}.`);
  process.exit(2);
}
const rounds = wholeNumber("rounds", values.rounds) ?? 5;
const departments = wholeNumber("departments", values.departments);
const seconds = wholeNumber("seconds", values.seconds);
for (const name of positionals.length > 0 ? positionals : known) await runOne(name);

async function runOne(name: string): Promise<void> {
  const bench = asBench(await import(join(import.meta.dir, `${name}.ts`)), name);
  const only = values.only.split(",").filter((contender) => contender !== "");
  const startedAt = new Date();
  const load = loadAverage();
  let started: ReturnType<typeof startServer> | undefined;
  const server = () => (started ??= startServer());
  const stop = async () => (await started?.catch(() => undefined))?.stop();
  const interrupted = () => void stop().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    console.log(`\n== ${name} (load ${load[0]})`);
    const log = (line: string) => console.log(`   ${line}`);
    const result = await bench.run({ server, rounds, only, departments, seconds, log });
    for (const table of result.tables) console.log(`\n${printTable(table)}`);
    await writeResult(name, startedAt, load, await started, result);
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    await stop();
  }
}

async function writeResult(
  name: string,
  startedAt: Date,
  load: number[],
  server: BenchServer | undefined,
  result: BenchResult,
): Promise<void> {
  const dir = join(import.meta.dir, "results");
  await mkdir(dir, { recursive: true });
  const about = {
    bench: name,
    date: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    machine: machine(),
    loadAverage: { before: load, after: loadAverage() },
    ...(server && { postgres: { version: server.version, settings: server.settings } }),
    rounds,
  };
  await Bun.write(join(dir, `${name}.json`), `${JSON.stringify({ ...about, ...result }, null, 2)}\n`);
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  console.error(`--${name} has to be a whole number from 1 on.`);
  process.exit(2);
}

function asBench(module: unknown, name: string): Bench {
  if (typeof module === "object" && module !== null && "run" in module && typeof module.run === "function") {
    return module as Bench;
  }
  throw new Error(`bench/${name}.ts has to export run(context)`);
}
