import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import postgres from "postgres";
import { endStuckSessions } from "../../jobs/end-stuck-sessions.ts";
import { withTx } from "../../src/db/tx.ts";
import { until } from "../helpers/installation.ts";
import { testDatabase, type TestDatabase } from "../helpers/postgres.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** Stands between client and server; once told, it lets the first message of a statement through and keeps the rest. */
async function startProxy(target: URL) {
  const sockets: Socket[] = [];
  let holding = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    sockets.push(client, upstream);
    client.on("data", (bytes: Buffer) => {
      if (!holding) upstream.write(bytes);
      else if (bytes.length > 5) upstream.write(bytes.subarray(0, 1 + bytes.readUInt32BE(1)));
    });
    upstream.pipe(client);
    for (const socket of [client, upstream]) socket.on("error", () => {});
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    hold: () => void (holding = true),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test("a session whose process stopped between two messages of a statement loses its transaction, and its locks with it", async () => {
  const proxy = await startProxy(new URL(database.provisionerUrl));
  const open = (url: string) =>
    postgres(url, { max: 2, onnotice: () => {}, connection: { application_name: "federation worker" } });
  const [stopped, provisioner, app] = [open(proxy.url), open(database.provisionerUrl), open(database.appUrl)];
  const lock = "lock table federation_ledger.migration in share row exclusive mode nowait";
  const connection = await stopped.reserve();
  await connection`begin`;
  await connection.unsafe(lock);
  proxy.hold();
  connection`select ${"never sent in full"}::text`.catch(() => {});
  await until("it is stuck", async () => {
    const rows = await provisioner`select from pg_stat_activity
      where state = 'active' and wait_event = 'ClientRead' and xact_start is not null`;
    return rows.length === 1;
  });
  const take = () =>
    withTx(provisioner, async (tx) => void (await tx.unsafe(lock))).then(
      () => true,
      () => false,
    );
  expect(await take()).toBe(false);
  const watchdog = endStuckSessions({ db: { app, provisioner }, log: pino({ level: "silent" }) });
  await until("its lock is free", take);
  watchdog.close();
  proxy.close();
  await Promise.all([stopped, provisioner, app].map((sql) => sql.end({ timeout: 1 })));
});
