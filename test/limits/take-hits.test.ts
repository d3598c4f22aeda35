import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import fc from "fast-check";
import postgres from "postgres";
import { type Sql, withTx } from "../../src/db/tx.ts";
import { type LimitKind, limitKinds } from "../../src/limits/limit.ts";
import { takeHits } from "../../src/limits/take-hits.ts";
import { testDatabase, type TestDatabase } from "../helpers/postgres.ts";

let database: TestDatabase;
let admin: Sql;
let first: Sql;
let second: Sql;
beforeAll(async () => {
  database = await testDatabase();
  const open = (url: string) =>
    postgres(url, { max: 10, onnotice: () => {}, connection: { search_path: "pg_catalog" } });
  admin = open(database.adminUrl);
  [first, second] = [open(database.appUrl), open(database.appUrl)];
});
afterAll(async () => {
  await Promise.all([admin, first, second].map((sql) => sql.end({ timeout: 2 })));
  await database.close();
});
beforeEach(async () => {
  await admin`delete from federation.rate_limit`;
  await admin`delete from federation.rate_policy`;
});

const policy = (kind: LimitKind, hits: number, windowSeconds = 3600) =>
  admin`insert into federation.rate_policy (kind, hits, window_seconds) values (${kind}, ${hits}, ${windowSeconds})`;
const hitsOf = async (key: string) =>
  Number((await admin`select hits from federation.rate_limit where key = ${key}`)[0]?.["hits"] ?? 0);

test("of 200 at once over two pools exactly 100 are admitted, window after window", async () => {
  await policy("key", 100);
  for (let window = 0; window < 5; window++) {
    const asked = Array.from({ length: 200 }, (_, at) =>
      takeHits(at % 2 === 0 ? first : second, [{ kind: "key", key: "k" }]),
    );
    const refused = (await Promise.all(asked)).filter((taken) => taken.refused === "key");
    expect(refused).toHaveLength(100);
    expect(
      refused
        .map(({ refusals }) => refusals)
        .toSorted((a, b) => a - b)
        .at(-1),
    ).toBe(100);
    await admin`update federation.rate_limit set started_us = started_us - 3600000000`;
  }
});

test("when one limit refuses, none is consumed", async () => {
  await policy("department", 10);
  await policy("pair", 3);
  const ask = () =>
    takeHits(first, [
      { kind: "department", key: "d" },
      { kind: "pair", key: "d:e" },
    ]);
  const taken = await Promise.all(Array.from({ length: 8 }, ask));
  expect(taken.filter(({ refused }) => refused === null)).toHaveLength(3);
  expect([await hitsOf("department:d"), await hitsOf("pair:d:e")]).toEqual([3, 3]);
  expect((await takeHits(first, [{ kind: "department", key: "d" }])).limits).toMatchObject([{ left: 6 }]);
});

test("a kind without a policy is not limited and leaves no row", async () => {
  expect(await takeHits(first, [{ kind: "provision", key: "all" }])).toEqual({
    refused: null,
    refusals: 0,
    limits: [],
  });
  expect(await hitsOf("provision:all")).toBe(0);
});

test("what a rolled back transaction took was never taken", async () => {
  await policy("provision", 1);
  const failing = withTx(first, async (tx) => {
    await takeHits(tx, [{ kind: "provision", key: "all" }]);
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect((await takeHits(first, [{ kind: "provision", key: "all" }])).refused).toBeNull();
});

test("the tightest limit comes first and says when it ends", async () => {
  await policy("key", 100, 60);
  await policy("department", 2, 3600);
  const { limits } = await takeHits(first, [
    { kind: "key", key: "k" },
    { kind: "department", key: "d" },
  ]);
  expect(limits.map(({ kind, left }) => [kind, left])).toEqual([
    ["department", 1],
    ["key", 99],
  ]);
  expect(limits[1]?.resetSeconds).toBeLessThanOrEqual(60);
});

test("whatever limits calls name, and in whatever order, none deadlocks and none is admitted too many", async () => {
  for (const kind of limitKinds) await policy(kind, 20);
  const wanted = fc.uniqueArray(
    fc.record({ kind: fc.constantFrom(...limitKinds), key: fc.constantFrom("a", "b", "c") }),
    { minLength: 1, maxLength: 6, selector: ({ kind, key }) => kind + key },
  );
  const calls = fc.sample(wanted, { numRuns: 400, seed: 7 });
  const taken = await Promise.all(
    calls.map(async (limits, at) => ({ limits, taken: await takeHits(at % 2 ? first : second, limits) })),
  );
  const admitted = new Map<string, number>();
  for (const {
    limits,
    taken: { refused },
  } of taken) {
    if (refused !== null) continue;
    for (const { kind, key } of limits)
      admitted.set(`${kind}:${key}`, (admitted.get(`${kind}:${key}`) ?? 0) + 1);
  }
  for (const [key, count] of admitted)
    expect([key, count <= 20, await hitsOf(key)]).toEqual([key, true, count]);
});
