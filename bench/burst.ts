/**
 * Departments submitted within a second, everything real but n8n and Google. Measured: when all are active, the CPU
 * that all processes used for it, and from the step rows how much of the runs' time no step was at work in.
 * All processes of the installation stay on two cores where there is taskset; the submitter may use others.
 */
import { cpus } from "node:os";
import postgres from "postgres";
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { type BenchInstallation, startInstallation } from "./harness/installation.ts";
import { cpuByKind, type ProcessKind, readProcesses } from "./harness/processes.ts";
import { provision, submitDepartment } from "./harness/provision.ts";
import { percentile, rounded } from "./harness/summary.ts";

const departmentsDefault = 100;
const roundsMax = 2;
const waitSecondsMax = 600;
const targets = { allActiveSeconds: 60, cores: 2, engineShare: 0.05 };

interface Round {
  submittedSeconds: number;
  allActiveSeconds: number;
  cpuSeconds: Record<ProcessKind, number>;
  runs: RunTimes;
}

export async function run(context: BenchContext): Promise<BenchResult> {
  const departments = context.departments ?? departmentsDefault;
  const pinned = Bun.which("taskset") !== null && cpus().length >= targets.cores;
  const cores = pinned ? targets.cores : cpus().length;
  const rounds: Round[] = [];
  for (let index = 0; index < Math.min(context.rounds, roundsMax); index += 1) {
    const round = await measure(departments, pinned ? "0,1" : undefined);
    context.log(
      `round ${index + 1}: all ${departments} active after ${rounded(round.allActiveSeconds, 1)} s`,
    );
    rounds.push(round);
  }
  return {
    setup: { departments, cores, pinned, host: "local", targets },
    tables: [
      {
        title: `${departments} departments submitted at once, on ${cores} cores (target all active ≤ 60 s)`,
        columns: [
          "round",
          "submitted s",
          "all active s",
          "CPU s / cores",
          "cores idle %",
          "waited s, p50",
          "run s, p50",
          "between steps s, p50",
          "between steps %",
        ],
        rows: rounds.map((round, index) => roundRow(round, index, cores)),
      },
      {
        title: "CPU seconds by process",
        columns: ["round", "web", "worker", "up", "postgres", "agents", "all"],
        rows: rounds.map(({ cpuSeconds }, index) => [
          String(index + 1),
          ...(["web", "worker", "up", "postgres", "agent"] as const).map((kind) => cpuSeconds[kind]),
          total(cpuSeconds),
        ]),
      },
    ],
    figures: rounds,
  };
}

function roundRow(round: Round, index: number, cores: number): Cell[] {
  const ideal = total(round.cpuSeconds) / cores;
  const { durations, between, waited } = round.runs;
  return [
    String(index + 1),
    round.submittedSeconds,
    round.allActiveSeconds,
    ideal,
    100 * (1 - ideal / round.allActiveSeconds),
    percentile(waited, 50),
    percentile(durations, 50),
    percentile(between, 50),
    (100 * sum(between)) / sum(durations),
  ];
}

async function measure(departments: number, cores: string | undefined): Promise<Round> {
  const installation = await startInstallation(cores === undefined ? {} : { cores });
  const sql = postgres(installation.databaseUrl, { max: 1, connection: { application_name: "bench burst" } });
  try {
    await provision(installation, "warm-up");
    const before = cpuByKind(await readProcesses(installation.pid));
    const startedAtMs = performance.now();
    const secondsNow = () => (performance.now() - startedAtMs) / 1000;
    const ids = await submitAll(installation, departments);
    const submittedSeconds = secondsNow();
    await untilAllActive(sql, ids, secondsNow);
    const allActiveSeconds = secondsNow();
    const after = cpuByKind(await readProcesses(installation.pid));
    const kinds = Object.keys(after) as ProcessKind[];
    const used = kinds.map((kind) => [kind, rounded(after[kind] - before[kind])]);
    return {
      submittedSeconds,
      allActiveSeconds,
      cpuSeconds: Object.fromEntries(used),
      runs: await readTimes(sql, ids),
    };
  } finally {
    await sql.end();
    await installation.stop();
  }
}

function submitAll(installation: BenchInstallation, departments: number): Promise<string[]> {
  const slugs = Array.from({ length: departments }, (_, index) => `burst-${index}`);
  return Promise.all(slugs.map((slug) => submitDepartment(installation, slug)));
}

async function untilAllActive(sql: postgres.Sql, ids: string[], secondsNow: () => number): Promise<void> {
  while (secondsNow() < waitSecondsMax) {
    const [row] = await sql<[{ active: number; failed: string | null }]>`
      select count(*) filter (where status = 'succeeded')::int as active,
        max(error_code || ': ' || error_message) filter (where status in ('failed', 'rolled_back')) as failed
      from federation.run where id = any(${ids})`;
    if (row.failed !== null) throw new Error(`a run failed: ${row.failed}`);
    if (row.active === ids.length) return;
    await Bun.sleep(100);
  }
  throw new Error(`not all were active within ${waitSecondsMax} s`);
}

interface RunTimes {
  /** Seconds from a run's first step to its end. */
  durations: number[];
  /** Of these, the seconds in which none of its steps was at work. */
  between: number[];
  /** Seconds from submit to the first step: waiting for a free place in the worker. */
  waited: number[];
}

async function readTimes(sql: postgres.Sql, ids: string[]): Promise<RunTimes> {
  const rows = await sql<{ duration: number; working: number; waited: number }[]>`
    with work as (
      select run_id, range_agg(tstzrange(started_at, finished_at)) as ranges, min(started_at) as began,
        max(finished_at) as ended
      from federation.step where run_id = any(${ids}) and started_at is not null group by 1
    )
    select extract(epoch from greatest(r.finished_at, w.ended) - w.began)::float8 as duration,
      extract(epoch from w.began - r.created_at)::float8 as waited,
      (select sum(extract(epoch from upper(one) - lower(one)))::float8 from unnest(w.ranges) as one) as working
    from work w join federation.run r on r.id = w.run_id`;
  return {
    durations: rows.map((row) => row.duration),
    between: rows.map((row) => row.duration - row.working),
    waited: rows.map((row) => row.waited),
  };
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const total = (cpuSeconds: Record<ProcessKind, number>) => sum(Object.values(cpuSeconds));
