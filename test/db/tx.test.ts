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
    backoff: () => 0.01,
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

const insert = (sql: Sql | Tx, id: number, body = "") =>
  sql`insert into public.probe values (${id}, ${body})`;

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

test.each([1, 2, 4])(
  "a saturated pool of %i keeps every acknowledged insert, none that failed, and no transaction open",
  async (max) => {
    const sql = openPool(max);
    const acknowledged: number[] = [];
    const refused: string[] = [];
    const track = async (id: number, work: Promise<unknown>) => {
      await work.then(
        () => acknowledged.push(id),
        (error: { code?: string }) => refused.push(error.code ?? "unknown"),
      );
    };
    for (let wave = 0; wave < 5; wave++) {
      await Promise.all(Array.from({ length: max }, () => sql.unsafe("select pg_sleep(0.01)")));
      // The driver pipelines 100 queries on a connection; a `begin` that comes as the next is the one it loses.
      const plain = Array.from({ length: 100 * max }, nextId).map((id) => track(id, insertNow(sql, id)));
      const transactions = Array.from({ length: 60 }, nextId).map((id, index) =>
        track(
          id,
          withTx(sql, (tx) => transact(tx, id, index % 3)),
        ),
      );
      const later = Array.from({ length: 50 }, nextId).map((id) => track(id, insertNow(sql, id)));
      await Promise.all([...plain, ...transactions, ...later]);
    }
    expect(refused).toEqual(Array(100).fill("22012"));
    expect(await storedOf(acknowledged)).toEqual(acknowledged.toSorted((a, b) => a - b));
    expect(acknowledged).toHaveLength(5 * (100 * max + 40 + 50));
    expect(await openTransactions(sql)).toBe(0);
  },
);

/** Without parameters, as only such queries are pipelined at once; sent now and not at the first await. */
const insertNow = (sql: Sql, id: number) =>
  sql.unsafe(`insert into public.probe values (${id}, '')`).execute();

async function transact(tx: Tx, id: number, variant: number) {
  await insert(tx, id, "x".repeat(20_000));
  if (variant === 1) await tx`select 1 / 0`;
  if (variant === 2) await Promise.all([tx`select 1`, tx`select 2`]);
}

test("a swallowed statement error does not pass for a commit", async () => {
  const sql = openPool(1);
  const id = nextId();
  const swallowed = withTx(sql, async (tx) => {
    await insert(tx, id);
    await tx`select 1 / 0`.catch(() => {});
    return "fine";
  });
  expect(await swallowed.catch((error: unknown) => error)).toMatchObject({ code: "transaction_aborted" });
  expect(await storedOf([id])).toEqual([]);
});

test("a constraint that fails at commit fails the transaction and gives its connection back", async () => {
  const sql = openPool(1);
  await sql`create table public.later (id integer references public.probe deferrable initially deferred)`;
  const late = withTx(sql, (tx) => tx`insert into public.later values (-1)`);
  expect(await late.catch((error: unknown) => error)).toMatchObject({ code: "23503" });
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
  expect(await broken.catch((error: unknown) => error)).toMatchObject({ code: "database_unavailable" });
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
    expect(
      failures.filter((code) => !["database_unavailable", "commit_unknown"].includes(String(code))),
    ).toEqual([]);
  }
  await Promise.all([1, 2].map(() => withTx(sql, (tx) => tx`select pg_sleep(0.1)`)));
  expect(await openTransactions(sql)).toBe(0);
}, 30_000);

test("connections end at their maximum age although only transactions use them", async () => {
  const sql = openPool(1, { max_lifetime: 1 });
  const backend = () =>
    withTx(sql, async (tx) => (await tx<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid);
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
  expect(await withTx(sql, isolation, { isolation: "serializable" })).toMatchObject([
    { level: "serializable" },
  ]);
});
