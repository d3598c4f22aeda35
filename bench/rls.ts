/**
 * What row-level security costs the named queries: each of them as the gateway runs it (as federation_reader, policies
 * forced) and as a superuser, for whom no policy counts, in turn on the same tables.
 */
import postgres from "postgres";
import { migrate } from "../src/db/migrate.ts";
import type { Sql } from "../src/db/tx.ts";
import { withTx } from "../src/db/tx.ts";
import { createDepartmentSchema } from "../src/departments/schema/create-schema.ts";
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { percentile, rounded } from "./harness/summary.ts";
import { insertDepartment } from "./contenders/federation-engine.ts";
import { fillDocuments, words } from "./contenders/gateway-world.ts";

const departmentsDefault = 10;
const documents = 20_000;
const target = 0.9;

interface Query {
  kind: string;
  params(turn: number, ids: readonly string[]): object;
}

const queries: readonly Query[] = [
  { kind: "search_documents", params: (turn) => ({ query: wordOf(turn) }) },
  { kind: "search_documents", params: (turn) => ({ query: `${wordOf(turn)} word${turn % 5000}` }) },
  { kind: "get_document", params: (turn, ids) => ({ id: ids[turn % ids.length] }) },
  { kind: "aggregate_documents", params: () => ({ group_by: "folder" }) },
];
const names = ["search, one word", "search, two words", "get_document", "aggregate_documents"];

export async function run(context: BenchContext): Promise<BenchResult> {
  const departments = context.departments ?? departmentsDefault;
  const seconds = context.seconds ?? 2;
  const server = await context.server();
  const url = await server.createDatabase("bench_rls");
  await migrate({ adminUrl: url });
  const open = (): Sql =>
    postgres(url, { max: 1, onnotice: () => {}, connection: { search_path: "pg_catalog", jit: "off" } });
  const [reader, superuser] = [open(), open()];
  try {
    const places = await fill(superuser, departments, context);
    await reader`set role federation_reader`;
    const samples: (Measured & { query: string; round: number })[] = [];
    for (let round = 0; round <= context.rounds; round += 1) {
      for (const [at, query] of queries.entries()) {
        const measured = await inTurn({ reader, superuser }, query, places, seconds / queries.length);
        if (round > 0) samples.push({ query: names[at] ?? query.kind, round, ...measured });
      }
      context.log(round === 0 ? "warm-up done" : `round ${round} of ${context.rounds} done`);
    }
    return {
      setup: { departments, documentsEach: documents, secondsPerRound: seconds, target },
      tables: [
        {
          title: `Named queries at ${departments} departments × ${documents} documents (reach ≥ ${target} × without)`,
          columns: ["", "with RLS ms", "p95", "without ms", "p95", "with ÷ without (speed)", "min", "max"],
          rows: names.map((name) =>
            rowOf(
              name,
              samples.filter((sample) => sample.query === name),
            ),
          ),
        },
      ],
      figures: { samples },
    };
  } finally {
    await Promise.all([reader.end({ timeout: 5 }), superuser.end({ timeout: 5 })]);
  }
}

interface Place {
  schemaName: string;
  ids: string[];
}

async function fill(admin: Sql, departments: number, { log }: BenchContext): Promise<Place[]> {
  const places: Place[] = [];
  for (let at = 0; at < departments; at += 1) {
    const names = await insertDepartment(admin);
    await withTx(admin, (tx) => createDepartmentSchema(tx, names));
    await fillDocuments(admin, names.schemaName, documents);
    await admin`vacuum analyze ${admin(names.schemaName)}.document`;
    const rows = await admin<{ id: string }[]>`select id from ${admin(names.schemaName)}.document limit 100`;
    places.push({ schemaName: names.schemaName, ids: rows.map(({ id }) => id) });
    if ((at + 1) % 10 === 0) log(`${at + 1} departments of ${documents} documents are there`);
  }
  return places;
}

interface Measured {
  withMs: number;
  withP95Ms: number;
  withoutMs: number;
  withoutP95Ms: number;
}

/** One call each by turns, with the same parameters; who begins changes, so that a warm page helps both alike. */
async function inTurn(
  sql: { reader: Sql; superuser: Sql },
  { kind, params }: Query,
  places: readonly Place[],
  seconds: number,
): Promise<Measured> {
  const tookMs = { reader: [] as number[], superuser: [] as number[] };
  const untilMs = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < untilMs; turn += 1) {
    const place = places[turn % places.length];
    if (!place) break;
    const value = params(turn, place.ids);
    for (const who of turn % 2 === 0
      ? (["reader", "superuser"] as const)
      : (["superuser", "reader"] as const)) {
      const startedAtMs = performance.now();
      await sql[
        who
      ]`select ${sql[who](place.schemaName)}.${sql[who](kind)}(${sql[who].json(value as never)})`;
      tookMs[who].push(performance.now() - startedAtMs);
    }
  }
  const at = (who: keyof typeof tookMs, percent: number) => rounded(percentile(tookMs[who], percent));
  return {
    withMs: at("reader", 50),
    withP95Ms: at("reader", 95),
    withoutMs: at("superuser", 50),
    withoutP95Ms: at("superuser", 95),
  };
}

function rowOf(name: string, samples: readonly Measured[]): Cell[] {
  const median = (key: keyof Measured) =>
    rounded(
      percentile(
        samples.map((one) => one[key]),
        50,
      ),
    );
  const speeds = samples.map((one) => one.withoutMs / one.withMs);
  return [
    name,
    ...(["withMs", "withP95Ms", "withoutMs", "withoutP95Ms"] as const).map(median),
    ...[percentile(speeds, 50), Math.min(...speeds), Math.max(...speeds)].map((speed) => rounded(speed)),
  ];
}

const wordOf = (turn: number) => words[turn % words.length] ?? "budget";
