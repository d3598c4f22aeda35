import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import postgres from "postgres";
import { type Sql, withTx } from "../../src/db/tx.ts";
import { prepareLimits } from "../../src/limits/default-policies.ts";
import { testDatabase, type TestDatabase } from "../helpers/postgres.ts";

let database: TestDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.adminUrl, {
    max: 1,
    onnotice: () => {},
    connection: { search_path: "pg_catalog" },
  });
});
afterAll(async () => {
  await sql.end({ timeout: 2 });
  await database.close();
});
beforeEach(async () => void (await sql`delete from federation.rate_policy`));

const promised = [
  { environment: "production", pair: [10, 60], provision: [5, 3600] },
  { environment: "staging", pair: [50, 60], provision: [10, 3600] },
  { environment: "development", pair: [100, 60], provision: undefined },
] as const;
const prepare = (environment: (typeof promised)[number]["environment"]) =>
  withTx(sql, (tx) => prepareLimits(tx, environment));
const policies = async () => {
  const rows = await sql<{ kind: string; hits: number; seconds: number }[]>`
    select kind, hits, window_seconds as seconds from federation.rate_policy`;
  return new Map(rows.map(({ kind, hits, seconds }) => [kind, [hits, seconds]]));
};

test.each(promised)("$environment begins with the limits that were promised for it", async (expected) => {
  await prepare(expected.environment);
  const found = await policies();
  expect(found.get("pair")).toEqual([...expected.pair]);
  expect(found.get("provision")).toEqual(expected.provision && [...expected.provision]);
});

test("a policy that somebody changed survives every later migrate, in whatever environment", async () => {
  await prepare("development");
  await sql`update federation.rate_policy set hits = 7, window_seconds = 11 where kind = 'pair'`;
  for (const { environment } of promised) await prepare(environment);
  expect((await policies()).get("pair")).toEqual([7, 11]);
});
