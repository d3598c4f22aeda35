/**
 * What the audit costs, and how fast it is checked. Insert: a transaction as a verb makes it (lock the department, change
 * a row, add one) with its event, against the same transaction without, in turn on one database. Verify: the shipped
 * verifier over an export in memory, in this process, one core.
 */
import { genesis, rowHash, verifyExport } from "../templates/audit/verify-export.mjs";
import { appendAudit } from "../src/audit/append.ts";
import { type Sql, withTx } from "../src/db/tx.ts";
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { percentile, rounded, summary } from "./harness/summary.ts";
import { insertDepartment, openBase, prepareDatabase } from "./contenders/federation-engine.ts";

const departmentsDefault = 20;
const inFlight = [1, 8];
const turns = 20;
const turnTransactions = 100;
const exportedRows = 300_000;
const targets = { costPercent: 15, rowsPerSecond: 200_000 };
const kinds = ["without", "with"] as const;
type Kind = (typeof kinds)[number];

export async function run(context: BenchContext): Promise<BenchResult> {
  const inserts = await measureInserts(context);
  const rates = await measureVerify(context);
  return {
    setup: {
      departments: context.departments ?? departmentsDefault,
      turns,
      turnTransactions,
      exportedRows,
      targets,
    },
    tables: [
      {
        title: `A transaction with its event against the same without (target ≤ ${targets.costPercent} %)`,
        columns: ["in flight", "without: per s", "with: per s", "cost %", "min", "max"],
        rows: inserts.map(insertRow),
      },
      {
        title: `Verifying an export of ${exportedRows} events (target ≥ ${targets.rowsPerSecond} rows/s)`,
        columns: ["", "rows/s, median", "min", "max"],
        rows: [["one core, in memory", ...Object.values(summary(rates)).map(Math.round)]],
      },
    ],
    figures: { inserts, rates: rates.map(Math.round) },
  };
}

interface Inserts {
  inFlight: number;
  perSecond: Record<Kind, number[]>;
}

function insertRow({ inFlight: lanes, perSecond }: Inserts): Cell[] {
  const costs = perSecond.with.map((rate, round) => 100 * ((perSecond.without[round] ?? 0) / rate - 1));
  const { median, min, max } = summary(costs);
  return [
    lanes,
    Math.round(percentile(perSecond.without, 50)),
    Math.round(percentile(perSecond.with, 50)),
    ...[median, min, max].map((cost) => rounded(cost, 1)),
  ];
}

async function measureInserts({ server, rounds, departments = departmentsDefault, log }: BenchContext) {
  const url = await (await server()).createDatabase("bench_audit");
  await prepareDatabase(url);
  const { pools, close } = await openBase(url, Math.max(...inFlight));
  try {
    const ids = await openDepartments(pools.app, departments);
    const results: Inserts[] = [];
    for (const lanes of inFlight) {
      const perSecond: Inserts["perSecond"] = { without: [], with: [] };
      for (let round = -1; round < rounds; round += 1) {
        const seconds = { without: 0, with: 0 };
        // Short turns, the order changing, so that what else the machine does hits both alike.
        for (let turn = 0; turn < turns; turn += 1) {
          for (const kind of turn % 2 === 0 ? kinds : kinds.toReversed())
            seconds[kind] += await secondsOf(pools.app, kind, ids, lanes);
        }
        if (round < 0) continue;
        for (const kind of kinds) perSecond[kind].push((turns * turnTransactions) / seconds[kind]);
      }
      log(`${lanes} in flight done`);
      results.push({ inFlight: lanes, perSecond });
    }
    return results;
  } finally {
    await close();
  }
}

async function openDepartments(sql: Sql, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { id } = await insertDepartment(sql);
    await sql`select audit.open_stream(${id})`;
    ids.push(id);
  }
  return ids;
}

async function secondsOf(sql: Sql, kind: Kind, ids: readonly string[], lanes: number): Promise<number> {
  let next = 0;
  const startedAtMs = performance.now();
  const lane = async () => {
    for (let at = next++; at < turnTransactions; at = next++)
      await change(sql, kind, ids[at % ids.length] ?? "");
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (performance.now() - startedAtMs) / 1000;
}

/** As `put` of a department's config: a lock, a new version, a guarded update, the event last. */
async function change(sql: Sql, kind: Kind, id: string): Promise<void> {
  await withTx(sql, async (tx) => {
    await tx`select id from federation.department where id = ${id} for update`;
    const [row] = await tx<{ version: number }[]>`
      insert into federation.department_config (department_id, version, document, created_by)
      select ${id}, coalesce(max(version), 0) + 1, '{"enabled_tools": ["email", "calendar"]}', 'bench'
      from federation.department_config where department_id = ${id} returning version`;
    await tx`
      update federation.department set config_version = ${row?.version ?? 0}, updated_at = clock_timestamp()
      where id = ${id}`;
    if (kind === "without") return;
    const event = {
      stream: id,
      actor: id,
      actorKind: "member",
      action: "config.put",
      decision: "done",
    } as const;
    await appendAudit(tx, [
      { ...event, requestId: Bun.randomUUIDv7(), meta: { version: row?.version ?? 0 } },
    ]);
  });
}

async function measureVerify({ rounds, log }: BenchContext): Promise<number[]> {
  const bytes = exportOf(exportedRows);
  const rates: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const startedAtMs = performance.now();
    const { events, problems } = await verifyExport(chunksOf(bytes));
    const rate = events / ((performance.now() - startedAtMs) / 1000);
    // Nobody signed it: that, and nothing else, has to be found.
    if (events !== exportedRows || problems.length !== 1)
      throw new Error(`verified ${events}: ${problems[0]}`);
    if (round >= 0) rates.push(rate);
  }
  log("verified");
  return rates;
}

/** One stream of events as gateway questions are recorded, without a manifest at its end. */
function exportOf(rows: number): Buffer {
  const stream = Bun.randomUUIDv7();
  const lines = [JSON.stringify({ begin: { stream, seq: 0, hash: genesis } })];
  let hash = genesis;
  for (let seq = 1; seq <= rows; seq += 1) {
    const row = {
      ...{ stream, seq, at_us: 1_790_000_000_000_000 + seq * 1000, actor: Bun.randomUUIDv7() },
      ...{ actor_kind: "client", action: "gateway.search_documents", target: stream, department: stream },
      ...{ decision: "allowed", reason: "for the monthly report", request_id: Bun.randomUUIDv7() },
      ...{ meta: JSON.stringify({ params_sha256: genesis, grant: stream }), subject_commit: null, hash },
    };
    hash = row.hash = rowHash(row, hash);
    lines.push(JSON.stringify(row));
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}

/** As a file is read. */
async function* chunksOf(bytes: Buffer, size = 64 * 1024) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
