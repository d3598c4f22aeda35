import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { type Sql, type Tx, withTx } from "../../src/db/tx.ts";
import { testDatabase } from "../helpers/postgres.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
let admin: Sql;
const opened: Sql[] = [];

beforeAll(async () => {
  database = await testDatabase();
  admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  await admin`create table public.probe (id integer primary key, body text)`;
});

afterAll(async () => {
  await Promise.all(opened.map((sql) => sql.end({ timeout: 2 })));
  await admin.end();
  await database.close();
});

function openPool(max: number, options: postgres.Options<Record<string, never>> = {}): Sql {
  const sql = postgres(database.adminUrl, {
    max,
    onnotice: () => {},
    connection: { application_name: `pool ${opened.length}` },
    ...options,
  });
  opened.push(sql);
  return sql;
}

const nextId = (() => {
  let id = 0;
  return () => ++id;
})();

const insert = (sql: Sql | Tx, id: number, body = "") => sql`insert into public.probe values (${id}, ${body})`;

async function storedOf(ids: number[]): Promise<number[]> {
  const rows = await admin<{ id: number }[]>`select id from public.probe where id = any(${ids}) order by id`;
  return rows.map(({ id }) => id);
}

async function openTransactions(sql: Sql): Promise<number> {
  const [row] = await admin<{ n: number }[]>`
    select count(*)::int as n from pg_stat_activity
    where application_name = ${sql.options.connection.application_name ?? ""} and state like 'idle in transaction%'`;
  return row?.n ?? -1;
}

async function endBackends(sql: Sql) {
  await admin`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = ${sql.options.connection.application_name ?? ""}`;
}

const codeOf = (error: { code?: string }) => error.code;

test("what a transaction answers is committed, what fails inside leaves nothing and its error arrives", async () => {
  const sql = openPool(2);
  const [kept, dropped] = [nextId(), nextId()];
  expect(await withTx(sql, async (tx) => (await insert(tx, kept)).count)).toBe(1);
  const failure = new Error("mine");
  const failed = withTx(sql, async (tx) => {
    await insert(tx, dropped);
    throw failure;
  });
  expect(await failed.catch((error: unknown) => error)).toBe(failure);
  expect(await storedOf([kept, dropped])).toEqual([kept]);
});

test.each([2, 4])("a saturated pool of %i keeps every acknowledged insert, none that failed, and no transaction open", async (max) => {
  const sql = openPool(max);
  const acknowledged: number[] = [];
  const refused: number[] = [];
  const attempts = Array.from({ length: 900 }, (_, index) => {
    const id = nextId();
    // Without parameters: those are what postgres.js pipelines behind another query's begin.
    const work = index % 3 === 0 ? insertNow(sql, id) : withTx(sql, (tx) => transact(tx, id, index % 6));
    return work.then(
      () => acknowledged.push(id),
      () => refused.push(id),
    );
  });
  await Promise.all(attempts);
  expect(refused).toHaveLength(150);
  expect(await storedOf([...acknowledged, ...refused])).toEqual(acknowledged.toSorted((a, b) => a - b));
  expect(await openTransactions(sql)).toBe(0);
});

async function insertNow(sql: Sql, id: number) {
  await sql.unsafe(`insert into public.probe values (${id}, repeat('x', 100))`);
}

async function transact(tx: Tx, id: number, variant: number) {
  await insert(tx, id, "x".repeat(20_000));
  if (variant === 1) await tx`select 1 / 0`;
  if (variant === 4) await Promise.all([tx`select 1`, tx`select 2`]);
}

test("a swallowed statement error does not pass for a commit", async () => {
  const sql = openPool(1);
  const id = nextId();
  const swallowed = withTx(sql, async (tx) => {
    await insert(tx, id);
    await tx`select 1 / 0`.catch(() => {});
    return "fine";
  });
  expect(swallowed).rejects.toMatchObject({ code: "transaction_aborted" });
  await swallowed.catch(() => {});
  expect(await storedOf([id])).toEqual([]);
});

test("a constraint that fails at commit fails the transaction and gives its connection back", async () => {
  const sql = openPool(1);
  await sql`create table public.later (id integer references public.probe deferrable initially deferred)`;
  const late = withTx(sql, (tx) => tx`insert into public.later values (-1)`);
  expect((await late.catch((error: unknown) => error)) as Error).toMatchObject({ code: "23503" });
  expect(await withTx(sql, (tx) => tx`select 1 as one`)).toHaveLength(1);
  expect(await openTransactions(sql)).toBe(0);
});

test("after its connection is lost a transaction does nothing on another one, and the pool goes on", async () => {
  const sql = openPool(2);
  const [before, after] = [nextId(), nextId()];
  const broken = withTx(sql, async (tx) => {
    await insert(tx, before);
    await endBackends(sql);
    await Bun.sleep(50);
    await insert(tx, after);
  });
  expect((await broken.catch((error: unknown) => error)) as Error).toMatchObject({ code: "database_unavailable" });
  expect(await storedOf([before, after])).toEqual([]);
  const results = await Promise.all(Array.from({ length: 20 }, () => withTx(sql, (tx) => tx`select 1`)));
  expect(results).toHaveLength(20);
});

test("however often connections are killed, waiting transactions get one and the pool stays whole", async () => {
  const sql = openPool(2);
  for (let round = 0; round < 8; round++) {
    await Promise.all([1, 2].map(() => withTx(sql, (tx) => tx`select pg_sleep(0.01)`)));
    const work = Array.from({ length: 30 }, (_, index) =>
      withTx(sql, async (tx) => {
        await tx`select pg_sleep(0.005)`;
        return index;
      }).catch(codeOf),
    );
    await endBackends(sql);
    const failures = (await Promise.all(work)).filter((result) => typeof result === "string");
    expect(failures.length).toBeLessThan(10);
    expect(failures.filter((code) => !["database_unavailable", "commit_unknown"].includes(String(code)))).toEqual([]);
  }
  await Promise.all([1, 2].map(() => withTx(sql, (tx) => tx`select pg_sleep(0.1)`)));
  expect(await openTransactions(sql)).toBe(0);
}, 30_000);

test("connections end at their maximum age although only transactions use them", async () => {
  const sql = openPool(1, { max_lifetime: 1 });
  const backend = () => withTx(sql, async (tx) => (await tx<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid);
  const first = await backend();
  const end = Date.now() + 5_000;
  let now = first;
  while (now === first && Date.now() < end) {
    await Bun.sleep(20);
    now = await backend();
  }
  expect(now).not.toBe(first);
}, 10_000);

test("a handle kept beyond its transaction reaches nobody else's", async () => {
  const sql = openPool(1);
  let leaked: Tx | undefined;
  await withTx(sql, async (tx) => {
    leaked = tx;
  });
  expect(() => leaked!.unsafe("select 1")).toThrow("The transaction is over.");
  expect(() => leaked!`select 1`).toThrow("The transaction is over.");
});

test("isolation is read committed unless asked for more", async () => {
  const sql = openPool(1);
  const isolation = (tx: Tx) => tx`select current_setting('transaction_isolation') as level`;
  expect(await withTx(sql, isolation)).toMatchObject([{ level: "read committed" }]);
  expect(await withTx(sql, isolation, { isolation: "serializable" })).toMatchObject([{ level: "serializable" }]);
});
