import { afterAll, beforeAll, expect, test } from "bun:test";
import { openPools, type Pools } from "../../src/db/pools.ts";
import { type Sql, withTx } from "../../src/db/tx.ts";
import { ownServer } from "../crash/own-server.ts";
import { until } from "../helpers/installation.ts";

const testMs = 90_000;
const killingMs = 12_000;
const settlingMs = 20_000;
const askersPerPool = 8;

let server: Awaited<ReturnType<typeof ownServer>>;
let pools: Pools;

beforeAll(async () => {
  server = await ownServer({ fsync: "off", max_connections: "50" });
  pools = openPools({ ...server, adminUrl: server.provisionerUrl, applicationName: "killed" });
}, testMs);

afterAll(async () => {
  await pools.close();
  await server.close();
}, testMs);

test(
  "however often the server is killed, every query settles, and every pool serves at full width again",
  async () => {
    const named = {
      app: pools.app,
      engine: pools.engine,
      gateway: pools.gateway,
      provisioner: pools.provisioner!,
    };
    const pending = new Set<string>();
    let answered = 0;
    let stopped = false;
    const ask = async (name: string, sql: Sql) => {
      for (let turn = 0; !stopped; turn++) {
        const asked = `${name}: ${turn % kinds.length} ${crypto.randomUUID()}`;
        pending.add(asked);
        await kinds[turn % kinds.length]!(sql).then(
          () => (answered += 1),
          () => Bun.sleep(5),
        );
        pending.delete(asked);
        await Bun.sleep(Math.random() * 4);
      }
    };
    for (const [name, sql] of Object.entries(named))
      for (let asker = 0; asker < askersPerPool; asker++) void ask(name, sql);
    const endMs = performance.now() + killingMs;
    while (performance.now() < endMs) {
      await Bun.sleep(Math.random() * 600);
      await server.kill();
    }
    stopped = true;
    await Promise.race([
      until("every query has settled", () => Promise.resolve(pending.size === 0)),
      Bun.sleep(settlingMs),
    ]);
    expect([...pending]).toEqual([]);
    expect(answered).toBeGreaterThan(100);
    for (const [name, sql] of Object.entries(named)) await until(`${name} is whole`, () => hasFullWidth(sql));
  },
  testMs,
);

const kinds: ((sql: Sql) => Promise<unknown>)[] = [
  (sql) => sql`select 1`,
  (sql) => sql`select ${"x".repeat(40)}::text as given`,
  (sql) =>
    withTx(sql, async (tx) => {
      await tx`select 1`;
      await tx`select pg_sleep(0.005), ${1}::int as given`;
    }),
];

/** As many transactions at once as the pool has connections. */
async function hasFullWidth(sql: Sql): Promise<boolean> {
  const backends = await Promise.all(
    Array.from({ length: sql.options.max }, () =>
      withTx(sql, async (tx) => {
        const [row] = await tx<[{ pid: number }]>`select pg_backend_pid() as pid, pg_sleep(0.3)`;
        return row.pid;
      }),
    ),
  );
  return new Set(backends).size === sql.options.max;
}
