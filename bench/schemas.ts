/**
 * Department schemas: made one after the other through the product's verb up to 1,000, then a column added to all of
 * them, then a migration that has nothing to do. Against: the same statements sent one at a time by a bare client.
 */
import type { Sql } from "../src/db/tx.ts";
import { withTx } from "../src/db/tx.ts";
import { createDepartmentSchema } from "../src/departments/schema/create-schema.ts";
import { migrateDepartments } from "../src/departments/schema/migrate-departments.ts";
import { readTemplates, type SchemaTemplate } from "../src/departments/schema/read-templates.ts";
import { renderSchema } from "../src/departments/schema/render-schema.ts";
import { splitStatements } from "./harness/split-statements.ts";
import type { BenchContext, BenchResult, Cell } from "./harness/bench.ts";
import { percentile, rounded } from "./harness/summary.ts";
import { insertDepartment, openBase, prepareDatabase } from "./contenders/federation-engine.ts";

const floorSchemas = 50;
const nearTheEnd = 50;
const noopTimes = 10;
const targets = { first: 25, last: 40, migrateSeconds: 5, noopSeconds: 1 };

type Names = Awaited<ReturnType<typeof insertDepartment>>;

export async function run(context: BenchContext): Promise<BenchResult> {
  const schemas = context.departments ?? 1000;
  const templates = await readTemplates();
  const server = await context.server();
  const ours = await onDatabase(server, "bench_schemas", (sql) =>
    measureOurs(sql, templates, schemas, context),
  );
  const turns = await onDatabase(server, "bench_turns", (sql) => takeTurns(sql, templates));
  const rows: Cell[][] = [
    creation("first 100", ours.createMs.slice(0, 100), targets.first),
    creation(`last ${nearTheEnd} of ${schemas}`, ours.createMs.slice(-nearTheEnd), targets.last),
    creation(`${floorSchemas} in turn with the floors`, turns.federation, null),
    creation("floor: statements one at a time, one transaction", turns.oneTransaction, null),
    creation("floor: statements one at a time, autocommit as psql", turns.autocommit, null),
  ];
  const migrations: Cell[][] = [
    [`add a column to ${schemas}`, rounded(ours.addColumnSeconds), targets.migrateSeconds],
    [
      `no-op migrate of ${schemas}, median of ${noopTimes}`,
      rounded(percentile(ours.noopSeconds, 50)),
      targets.noopSeconds,
    ],
  ];
  return {
    setup: {
      schemas,
      floorSchemas,
      targets,
      statements: splitStatements(renderSchema(sample, templates)).length,
    },
    tables: [
      {
        title: "Making a department's schema",
        columns: ["", "median ms", "p95 ms", "max ms", "target ms"],
        rows,
      },
      { title: "Migrating all", columns: ["", "seconds", "target"], rows: migrations },
    ],
    figures: { ...ours, turns },
  };
}

async function measureOurs(
  sql: Measured,
  templates: SchemaTemplate[],
  schemas: number,
  { log }: BenchContext,
) {
  for (let index = 0; index < 5; index += 1) await create(sql, templates);
  const createMs: number[] = [];
  for (let index = 0; index < schemas; index += 1) {
    createMs.push(await create(sql, templates));
    if ((index + 1) % 100 === 0)
      log(`${index + 1} schemas, the last 100: ${rounded(percentile(createMs.slice(-100), 50))} ms`);
  }
  const wanted = [...templates, addColumn(templates.length + 1)];
  const addColumnSeconds = await secondsOf(() => migrated(sql.provisioner, wanted, schemas + 5));
  const noopSeconds = [];
  for (let index = 0; index < noopTimes; index += 1)
    noopSeconds.push(await secondsOf(() => migrated(sql.provisioner, wanted, 0)));
  return { createMs, addColumnSeconds, noopSeconds };
}

async function migrated(sql: Sql, templates: SchemaTemplate[], expected: number): Promise<void> {
  const { migrated: done, failed } = await migrateDepartments(sql, { templates });
  if (failed.length > 0 || done.length !== expected)
    throw new Error(`migrated ${done.length} of ${expected}: ${failed[0]?.message}`);
}

/** As the `database` step does it: within a transaction of the provisioner. */
async function create({ app, provisioner }: Measured, templates: SchemaTemplate[]): Promise<number> {
  const names = await insertDepartment(app);
  const startedAtMs = performance.now();
  await withTx(provisioner, (tx) => createDepartmentSchema(tx, names, templates));
  return performance.now() - startedAtMs;
}

/** The product's verb and the two floors in turn on one database, so that a busy minute hits all alike. */
async function takeTurns(sql: Measured, templates: SchemaTemplate[]) {
  const times = { federation: [] as number[], oneTransaction: [] as number[], autocommit: [] as number[] };
  for (let index = -5; index < floorSchemas; index += 1) {
    const turn = [
      await create(sql, templates),
      await timed(sql, (names) => inTransaction(sql, names, templates)),
      await timed(sql, (names) => autocommitted(sql, names, templates)),
    ] as const;
    if (index < 0) continue;
    times.federation.push(turn[0]);
    times.oneTransaction.push(turn[1]);
    times.autocommit.push(turn[2]);
  }
  return times;
}

function inTransaction({ provisioner }: Measured, names: Names, templates: SchemaTemplate[]): Promise<void> {
  return withTx(provisioner, async (tx) => {
    for (const statement of statementsOf(names, templates, "set local role")) await tx.unsafe(statement);
  });
}

async function autocommitted(
  { provisioner }: Measured,
  names: Names,
  templates: SchemaTemplate[],
): Promise<void> {
  const client = await provisioner.reserve();
  try {
    for (const statement of statementsOf(names, templates, "set role")) await client.unsafe(statement);
    await client`reset role`;
  } finally {
    client.release();
  }
}

async function timed({ app }: Measured, make: (names: Names) => Promise<void>): Promise<number> {
  const names = await insertDepartment(app);
  const startedAtMs = performance.now();
  await make(names);
  return performance.now() - startedAtMs;
}

function statementsOf(names: Names, templates: SchemaTemplate[], become: string): string[] {
  return [
    `select federation_roles.add('${names.roleName.slice(2)}')`,
    `${become} federation_owner`,
    ...splitStatements(renderSchema(names, templates)),
  ];
}

interface Measured {
  app: Sql;
  provisioner: Sql;
}

async function onDatabase<T>(
  server: Awaited<ReturnType<BenchContext["server"]>>,
  name: string,
  measure: (sql: Measured) => Promise<T>,
): Promise<T> {
  const url = await server.createDatabase(name);
  await prepareDatabase(url);
  const { pools, close } = await openBase(url, 4);
  try {
    if (!pools.provisioner) throw new Error("no provisioner");
    return await measure({ app: pools.app, provisioner: pools.provisioner });
  } finally {
    await close();
  }
}

const addColumn = (version: number): SchemaTemplate => ({
  version,
  name: `${String(version).padStart(4, "0")}_bench.sql`,
  text: "alter table {{schema}}.contact add column bench text;",
  checksum: "bench",
});
const sample: Names = {
  id: "00000000-0000-0000-0000-000000000000",
  schemaName: "t_aaaaaaaaaaaa",
  roleName: "d_aaaaaaaaaaaa",
};

const creation = (name: string, ms: number[], target: number | null): Cell[] => [
  name,
  rounded(percentile(ms, 50)),
  rounded(percentile(ms, 95)),
  rounded(Math.max(...ms)),
  target,
];

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return (performance.now() - startedAtMs) / 1000;
}
