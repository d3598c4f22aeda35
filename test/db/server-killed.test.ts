import { afterAll, beforeAll, expect, test } from "bun:test";
import { openPools, type Pools } from "../../src/db/pools.ts";
import { type Sql, withTx } from "../../src/db/tx.ts";
import { ownServer } from "../crash/own-server.ts";
import { until } from "../helpers/installation.ts";

const testMs = 120_000;
const killingMs = 12_000;
const settlingSeconds = 20;
const askersPerPool = 8;

let server: Awaited<ReturnType<typeof ownServer>>;
let pools: Pools;

beforeAll(async () => {
  server = await ownServer({ fsync: "off", max_connections: "60" });
  pools = openPools({ ...server, adminUrl: server.provisionerUrl, applicationName: "killed" });
}, testMs);

afterAll(async () => {
  await pools.close();
  await server.close();
}, testMs);

test(
  "however often the server is killed, every query settles and every pool serves at full width again",
  async () => {
    const { app, engine, gateway, provisioner } = pools;
    if (!provisioner) throw new Error("the pools were opened without the provisioner");
    const named = Object.entries({ app, engine, gateway, provisioner });
    const asking = named.flatMap(([name, sql]) => startAskers(name, sql));
    const endMs = performance.now() + killingMs;
    while (performance.now() < endMs) {
      // As often while connections are opened as while they are used.
      await Bun.sleep(Math.random() * (Math.random() < 0.5 ? 60 : 900));
      await server.kill();
    }
    for (const asker of asking) asker.stop();
    const settled = Promise.all(asking.map(({ ended }) => ended)).then(() => "all settled");
    const left = () => asking.flatMap(({ pending }) => pending() ?? []);
    expect(await Promise.race([settled, Bun.sleep(settlingSeconds * 1000).then(left)])).toBe("all settled");
    for (const [name, sql] of named) await until(`${name} serves at full width`, () => hasFullWidth(sql));
  },
  testMs,
);

test(
  "a listener hears again after the server was killed",
  async () => {
    let heard = 0;
    let listening = 0;
    await pools.app.listen(
      "killed",
      () => (heard += 1),
      () => (listening += 1),
    );
    await server.kill();
    await until("it listens again", () => Promise.resolve(listening > 1));
    await until("the server answers", () => pools.app`select pg_notify('killed', '')`.catch(() => undefined));
    await until("it is heard", () => Promise.resolve(heard > 0));
  },
  testMs,
);

const kinds: [string, (sql: Sql) => Promise<unknown>][] = [
  ["plain", (sql) => sql`select 1`],
  ["with a parameter", (sql) => sql`select ${"given"}::text as given`],
  [
    "transaction",
    (sql) =>
      withTx(sql, async (tx) => {
        await tx`select 1`;
        await tx`select pg_sleep(0.005), ${1}::int as given`;
      }),
  ],
];

function startAskers(pool: string, sql: Sql) {
  return Array.from({ length: askersPerPool }, () => {
    let stopped = false;
    let pending: string | undefined;
    const ask = async () => {
      for (let turn = 0; !stopped; turn++) {
        const [name, query] = kinds[turn % kinds.length] ?? [];
        pending = `${pool}, ${name}`;
        await query?.(sql).catch(() => Bun.sleep(5));
        pending = undefined;
        await Bun.sleep(Math.random() * 4);
      }
    };
    return { stop: () => (stopped = true), ended: ask(), pending: () => pending };
  });
}

/** As many transactions at once as the pool has connections. */
async function hasFullWidth(sql: Sql): Promise<boolean> {
  const asked = Array.from({ length: sql.options.max }, () =>
    withTx(sql, (tx) => tx<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.3)`),
  );
  const backends = await Promise.all(asked);
  return new Set(backends.map(([row]) => row?.pid)).size === sql.options.max;
}
