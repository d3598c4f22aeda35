import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { type CallBudget, type CallBudgets, createCallBudgets } from "../../src/call-budgets/call-budgets.ts";
import { testDatabase } from "../helpers/postgres.ts";

const lateSeconds = 0.2;
let database: Awaited<ReturnType<typeof testDatabase>>;
let sql: postgres.Sql;
let other: postgres.Sql;
/** Of two workers, each with connections of its own. */
let workers: CallBudgets[];
beforeAll(async () => {
  database = await testDatabase();
  const open = () => postgres(database.appUrl, { max: 4, connection: { role: "federation_app" } });
  [sql, other] = [open(), open()];
  workers = [createCallBudgets(sql, { lateSeconds }), createCallBudgets(other, { lateSeconds })];
});
afterAll(async () => {
  await Promise.all([sql.end(), other.end()]);
  await database.close();
});

let made = 0;
const budget = (more: Partial<CallBudget> = {}): CallBudget => ({
  name: `test:${made++}`,
  capacity: 1,
  perSecond: 1 / 1000,
  keepsPlace: false,
  ...more,
});
const take = (holder: string, ...budgets: CallBudget[]) => workers[0]!.take(holder, budgets);
const refill = (name: string, tokens = 1) =>
  sql`update federation.call_budget set tokens = ${tokens}, refilled_at = clock_timestamp() where name = ${name}`;

test("two workers that take at once never take more than there is", async () => {
  const one = budget({ capacity: 20 });
  const asked = Array.from({ length: 100 }, (_, n) => workers[n % 2]!.take(`holder ${n}`, [one]));
  const waits = await Promise.all(asked);
  expect(waits.filter((seconds) => seconds === 0)).toHaveLength(20);
});

test("over any stretch of time at most the capacity and what came back is taken", async () => {
  const one = budget({ capacity: 5, perSecond: 50 });
  const startedMs = performance.now();
  let taken = 0;
  while (performance.now() - startedMs < 1000) {
    const waits = await Promise.all(workers.map((worker, n) => worker.take(`holder ${n}`, [one])));
    taken += waits.filter((seconds) => seconds === 0).length;
  }
  expect(taken).toBeLessThanOrEqual(5 + 50 * ((performance.now() - startedMs) / 1000));
  expect(taken).toBeGreaterThan(5);
});

test("who waits is told when its turn comes: the n-th in line after n refills", async () => {
  const one = budget({ perSecond: 1 / 30 });
  expect(await take("first", one)).toBe(0);
  const waits = [];
  for (const holder of ["a", "b", "c"]) waits.push(await take(holder, one));
  expect(waits.map((seconds) => Math.round(seconds / 30))).toEqual([1, 2, 3]);
  expect(Math.round((await take("a", one)) / 30)).toBe(1);
});

test("whoever asked first is served first, however often the others ask", async () => {
  const one = budget();
  await take("first", one);
  for (const holder of ["a", "b"]) await take(holder, one);
  await refill(one.name);
  for (let n = 0; n < 5; n++) expect(await take("b", one)).toBeGreaterThan(0);
  expect(await take("a", one)).toBe(0);
  await refill(one.name);
  expect(await take("c", one)).toBeGreaterThan(0);
  expect(await take("b", one)).toBe(0);
});

test("one who does not come at its time keeps nobody waiting, and is first again when it comes", async () => {
  const one = budget({ perSecond: 20 });
  await take("first", one);
  expect(await take("dead", one)).toBeGreaterThan(0);
  await Bun.sleep(lateSeconds * 1000 + 200);
  await refill(one.name);
  expect(await take("next", one)).toBe(0);
  const slow = { ...one, perSecond: 1 / 1000 };
  await refill(one.name, 0);
  await take("later", slow);
  await take("dead", slow);
  await refill(one.name);
  expect(await take("later", slow)).toBeGreaterThan(0);
  expect(await take("dead", slow)).toBe(0);
});

test("what has to be asked for again keeps its place, where the budget says so", async () => {
  for (const keepsPlace of [true, false]) {
    const one = budget({ keepsPlace });
    expect(await take("again", one)).toBe(0);
    await take("other", one);
    await take("again", one);
    await refill(one.name);
    expect((await take("again", one)) === 0).toBe(keepsPlace);
  }
});

test("of several budgets all are taken from or none", async () => {
  const [plenty, none] = [budget({ capacity: 10 }), budget()];
  await take("first", none);
  expect(await take("x", plenty, none)).toBeGreaterThan(0);
  const [row] = await sql`select tokens from federation.call_budget where name = ${plenty.name}`;
  expect(row?.["tokens"]).toBeCloseTo(10, 1);
});

test("a blocked budget gives nothing to anybody until its time is over, and a lowered one only what is left", async () => {
  const one = budget({ capacity: 10 });
  await take("a", one);
  await workers[1]!.block(one.name, 0.3);
  expect(await take("b", one)).toBeGreaterThan(0);
  await Bun.sleep(350);
  expect(await take("b", one)).toBe(0);
  await workers[1]!.lower(one.name, 1);
  expect(await take("c", one)).toBe(0);
  expect(await take("d", one)).toBeGreaterThan(0);
});
