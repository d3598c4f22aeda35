import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { ServerSocket } from "../../src/db/connection/server-socket.ts";
import { openClient } from "../../src/db/open-client.ts";
import { type Sql, type Tx, withConnection, withTx } from "../../src/db/tx.ts";
import { until } from "../helpers/installation.ts";
import { testDatabase } from "../helpers/postgres.ts";
import { type Sent, startDatabaseProxy } from "./database-proxy.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
let admin: Sql;
const opened: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await testDatabase();
  admin = openClient(database.adminUrl, { max: 1 });
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

afterAll(async () => {
  await admin.end({ timeout: 5 });
  await database.close();
});

function open(max: number, url = database.adminUrl): Sql {
  const name = `client ${crypto.randomUUID()}`;
  const sql = openClient(url, { max, connect_timeout: 60, connection: { application_name: name } });
  opened.push({ close: () => sql.end({ timeout: 1 }) });
  return sql;
}

async function proxied(decide: (sent: Sent) => Promise<"pass" | "cut">) {
  const proxy = await startDatabaseProxy(database.adminUrl, decide);
  opened.push(proxy);
  return proxy;
}

const endBackends = (sql: Sql) =>
  admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${nameOf(sql)}`;

const isBusy = async (sql: Sql) =>
  (await admin`select from pg_stat_activity where application_name = ${nameOf(sql)} and state = 'active'`)
    .count > 0;

const nameOf = (sql: Sql) => sql.options.connection.application_name ?? "";

const codeOf = (query: Promise<unknown>): Promise<string> =>
  query.then(
    () => "none",
    (error: { code?: string }) => String(error.code),
  );

const one = [{ one: 1 }];

/** The sockets that the client opens from now on. */
function watchSockets(sql: Sql): ServerSocket[] {
  const sockets: ServerSocket[] = [];
  const create: unknown = Reflect.get(sql.options, "socket");
  if (typeof create !== "function") throw new Error("the client has no sockets of ours");
  const watched = (options: unknown) => {
    const socket: unknown = create(options);
    if (socket instanceof ServerSocket) sockets.push(socket);
    return socket;
  };
  Reflect.set(sql.options, "socket", watched);
  return sockets;
}

test("what waited to be sent as its connection was lost does not hold up the connection after it", async () => {
  const sql = open(1);
  const sockets = watchSockets(sql);
  await sql`select 1`;
  for (const round of [0, 1, 2]) {
    const waiting = codeOf(sql`select 'not sent'`.execute());
    // The driver has taken the query, and sends it in the next turn.
    await new Promise((resolve) => process.nextTick(resolve));
    await Promise.resolve();
    sockets[round]?.destroy();
    expect(await waiting).toBe("CONNECTION_CLOSED");
    expect([...(await sql`select 1 as one`)]).toEqual(one);
  }
});

test("the server's last words reach the query under way and no later one", async () => {
  const sql = open(1);
  for (const next of [() => sql`select 1 as one`, () => withTx(sql, (tx) => tx`select 1 as one`)]) {
    const underWay = codeOf(sql`select pg_sleep(60)`.execute());
    await until("the query runs", () => isBusy(sql));
    await endBackends(sql);
    expect(await underWay).toBe("57P01");
    expect([...(await next())]).toEqual(one);
  }
});

test.each([
  ["a transaction", withTx],
  ["a connection", withConnection],
])("statements sent together on %s settle when it is lost", async (_, withIt) => {
  const sql = open(1);
  const asked = codeOf(
    withIt(sql, (tx) =>
      // The second one waits in the driver until it knows the types of the first one.
      Promise.allSettled([tx`select pg_sleep(${60}::float)`, tx`select ${1}::int as one`]),
    ),
  );
  await until("the first one runs", () => isBusy(sql));
  await endBackends(sql);
  expect(await asked).toBe("database_unavailable");
  expect([...(await withIt(sql, (tx) => tx`select 1 as one`))]).toEqual(one);
});

test("a connection lost while the driver asks for types fails what it was opened for, and nobody else", async () => {
  const ask = (sql: Sql | Tx) => sql`select array[1] as one`;
  for (const [code, run] of [
    ["CONNECTION_CLOSED", ask],
    ["database_unavailable", (sql: Sql) => withTx(sql, ask)],
  ] as const) {
    const { url } = await proxied(({ nth, bytes }) =>
      Promise.resolve(nth === 1 && bytes.includes("pg_catalog.pg_type") ? "cut" : "pass"),
    );
    const sql = open(1, url);
    expect(await codeOf(run(sql))).toBe(code);
    expect([...(await run(sql))]).toEqual([{ one: [1] }]);
  }
});

test("a connection that cannot be opened while an earlier one still opens is not missing afterwards", async () => {
  const cut = Promise.withResolvers<void>();
  const { url } = await proxied(async ({ nth }) => {
    if (nth === 2) {
      setTimeout(cut.resolve, 50);
      return "cut";
    }
    if (nth === 1) await cut.promise;
    return "pass";
  });
  const sql = open(2, url);
  const backend = (tx: Tx) => tx<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.2)`;
  const codes = await Promise.all([codeOf(withTx(sql, backend)), codeOf(withTx(sql, backend))]);
  expect(codes.sort()).toEqual(["database_unavailable", "none"]);
  await until("two transactions run at once", async () => {
    const rows = await Promise.all([withTx(sql, backend), withTx(sql, backend)]);
    return new Set(rows.map(([row]) => row?.pid)).size === 2;
  });
});

test("a server that closes without a word fails the query, and is not asked for ever", async () => {
  const proxy = await proxied(() => Promise.resolve("cut"));
  const sql = open(1, proxy.url);
  expect(await codeOf(sql`select 1`)).toBe("CONNECTION_CLOSED");
  expect(await codeOf(withTx(sql, (tx) => tx`select 1`))).toBe("database_unavailable");
  expect(proxy.connections()).toBeLessThanOrEqual(3);
});

test("a query that is cancelled ends on the server", async () => {
  const sql = open(2);
  const query = sql`select pg_sleep(60)`;
  const code = codeOf(query.execute());
  await until("the query runs", () => isBusy(sql));
  query.cancel();
  expect(await code).toBe("57014");
  await until("it runs no longer", async () => !(await isBusy(sql)));
});

test("a listener hears again after its connection was lost", async () => {
  const sql = open(1);
  const heard: string[] = [];
  let listening = 0;
  await sql.listen(
    "open_client",
    (text) => heard.push(text),
    () => (listening += 1),
  );
  await admin`select pg_notify('open_client', 'before')`;
  await until("it is heard", () => Promise.resolve(heard.includes("before")));
  await endBackends(sql);
  await until("it listens again", () => Promise.resolve(listening === 2));
  await admin`select pg_notify('open_client', 'after')`;
  await until("it is heard again", () => Promise.resolve(heard.includes("after")));
});

test("a refused login says why, as often as it is tried", async () => {
  const url = new URL(database.adminUrl);
  url.password = "wrong";
  const sql = open(1, url.href);
  for (const _ of [1, 2, 3]) expect(await codeOf(sql`select 1`)).toBe("28P01");
});
