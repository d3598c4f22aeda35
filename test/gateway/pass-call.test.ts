import { afterAll, beforeAll, expect, test } from "bun:test";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { openPools } from "../../src/db/pools.ts";
import { passCall } from "../../src/gateway/pass-call.ts";
import { type Department, isolationWorld, type Question, type World } from "../isolation/world.ts";

let world: World;
let a: Department;
let b: Department;
let wire: Wire;
let pools: ReturnType<typeof openPools>;
beforeAll(async () => {
  world = await isolationWorld();
  [a, b] = await Promise.all([world.addDepartment(), world.addDepartment()]);
  await world.addDocument(b, "Budget", "the budget");
  wire = await startWire(world.gatewayUrl);
  pools = openPools({ appUrl: wire.url, gatewayUrl: wire.url, applicationName: "test", gatewayMax: 1 });
});
afterAll(async () => {
  await pools.close();
  await wire.close();
  await world.close();
});

const question = () => world.question(a.id, b.id, "search_documents", { query: "budget" });
const ask = (call: Question) => passCall({ db: pools }, call);

test("a question is one round trip: both halves are on the wire before the first answer, and it is answered", async () => {
  await world.grant(a, b, "read");
  // The first question of a connection also prepares its statements.
  expect((await ask(question())).opened.decision).toBe("allowed");
  wire.hold(2);
  const { opened, found } = await ask(question());
  expect(opened.decision).toBe("allowed");
  expect(found?.results).toHaveLength(1);
});

test("a connection lost on the way is 503 and leaves no answer, and the next question gets a new one", async () => {
  wire.cut();
  const call = question();
  await expect(ask(call)).rejects.toMatchObject({ code: "database_unavailable", retryable: true });
  expect(await world.admin`select from audit.event where request_id = ${call.requestId}`).toHaveLength(0);
  expect((await ask(question())).found?.results).toHaveLength(1);
});

test("a question that fails in its first half fails as a whole, and the connection serves the next one", async () => {
  const forged = { ...question(), seal: Buffer.alloc(32) };
  await expect(ask(forged)).rejects.toMatchObject({ code: "42501" });
  expect((await ask(question())).found?.results).toHaveLength(1);
});

interface Wire {
  url: string;
  /** The server's words wait until so many statements have been sent. */
  hold(statements: number): void;
  /** The next bytes to the server end the connection instead. */
  cut(): void;
  close(): Promise<void>;
}

/** A wire to Postgres that counts what the client sends: Bind messages, one per statement. */
async function startWire(targetUrl: string): Promise<Wire> {
  const target = new URL(targetUrl);
  let awaited = 0;
  let held: (() => void)[] = [];
  let isCut = false;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = createConnection({ host: target.hostname, port: Number(target.port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => (client.destroy(), upstream.destroy()));
    }
    client.on("data", (bytes: Buffer) => {
      if (isCut) {
        isCut = false;
        client.destroy();
        return;
      }
      awaited -= countBinds(bytes);
      upstream.write(bytes);
      if (awaited > 0) return;
      for (const release of held) release();
      held = [];
    });
    upstream.on("data", (bytes) => {
      if (awaited > 0) held.push(() => client.write(bytes));
      else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(targetUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    hold: (statements) => void (awaited = statements),
    cut: () => void (isCut = true),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Messages are a letter and a length (PostgreSQL protocol, "Message Formats"); the driver sends whole ones. */
function countBinds(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
    if (bytes[at] === 0x42) count += 1;
  }
  return count;
}
