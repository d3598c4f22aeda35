import { afterEach, expect, test } from "bun:test";
import net, { type AddressInfo, type Socket } from "node:net";
import { createOpenings } from "../../../src/db/connection/openings.ts";
import { ServerSocket } from "../../../src/db/connection/server-socket.ts";
import { startupPadding } from "../../../src/db/connection/startup-message.ts";
import { openClient } from "../../../src/db/open-client.ts";
import { withTx } from "../../../src/db/tx.ts";

const opened: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((close) => close()));
});

/** A server on loopback that answers each piece it is sent with the next of the answers; "end" closes. */
async function serve(answers: (Buffer | "end" | "reset")[]) {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    let turn = 0;
    socket.on("data", () => {
      const answer = answers[turn++];
      if (answer === "end") socket.end();
      else if (answer === "reset") socket.resetAndDestroy();
      else if (answer) socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

function connect(port: number): ServerSocket {
  const socket = new ServerSocket({
    address: { host: "127.0.0.1", port, path: undefined, tls: undefined },
    openSeconds: 30,
    fetchesTypes: false,
    openings: createOpenings(),
  });
  opened.push(async () => socket.destroy());
  return socket;
}

const padding = Object.entries(startupPadding).flat().join("\0");
const startup = Buffer.from(`\0\0\0\0\0\x03\0\0user\0me\0${padding}\0\0`);
startup.writeInt32BE(startup.length);
const cancel = Buffer.from([0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2]);

const ready = Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 0, 90, 0, 0, 0, 5, 73]);
const noTypes = Buffer.from([67, 0, 0, 0, 13, ...Buffer.from("SELECT 0\0"), 90, 0, 0, 0, 5, 73]);
const shutDown = Buffer.from("E\0\0\0\x27SFATAL\0VFATAL\0C57P01\0Mshutting down\0\0");
shutDown.writeUInt32BE(shutDown.length - 1, 1);

/** The events until it is closed; "turn" where anything else could run between them. */
async function eventsOf(socket: ServerSocket): Promise<string[]> {
  const events: string[] = [];
  const turn = () => void events.push("turn");
  socket.on("error", (error: Error & { code?: string }) => {
    events.push(`error ${error.code}`);
    process.nextTick(turn);
    queueMicrotask(turn);
  });
  return await new Promise((resolve) =>
    socket.on("close", (...given) => resolve([...events, `close ${given.length}`])),
  );
}

test.each([
  ["is closed by the server", "end", "error CONNECTION_CLOSED"],
  ["is reset by the server", "reset", "error ECONNRESET"],
  ["ends with the server's last words", shutDown, "error 57P01"],
] as const)("a connection that %s fails and closes in one piece", async (_, answer, error) => {
  const socket = connect(await serve([ready, answer]));
  const events = eventsOf(socket);
  socket.once("data", () => socket.write(Buffer.from("a query")));
  socket.write(startup);
  expect(await events).toEqual([error, "close 0"]);
  expect(socket.readyState).toBe("closed");
});

test("a server that is not there fails and closes the connection in one piece", async () => {
  const port = await serve([]);
  await Promise.all(opened.splice(0).map((close) => close()));
  const socket = connect(port);
  const events = eventsOf(socket);
  socket.write(startup);
  expect(await events).toEqual(["error ECONNREFUSED", "close 0"]);
});

test("what ends as it was asked to closes without an error", async () => {
  for (const first of [startup, cancel]) {
    const socket = connect(await serve([first === cancel ? "end" : ready, "end"]));
    const events = eventsOf(socket);
    socket.once("data", () => socket.end(Buffer.from("X\0\0\0\x04")));
    socket.write(first);
    expect(await events).toEqual(["close 0"]);
  }
});

test("a connection that is being opened closes at once when it is ended or destroyed", async () => {
  const port = await serve([]);
  for (const leave of [
    (socket: ServerSocket) => socket.end(Buffer.from("X")),
    (socket: ServerSocket) => socket.destroy(),
  ]) {
    const socket = connect(port);
    const events = eventsOf(socket);
    socket.write(startup);
    expect(socket.readyState).toBe("open");
    leave(socket);
    expect(await events).toEqual(["close 0"]);
  }
});

test("what is written to a connection that is over is told that", async () => {
  const socket = connect(await serve([]));
  socket.destroy();
  const told = new Promise((resolve) => socket.write(Buffer.from("late"), resolve));
  expect(await told).toMatchObject({ code: "CONNECTION_CLOSED" });
});

test("a transaction that is given a connection in the turn in which it is lost fails, and the next one connects", async () => {
  const port = await serve([ready, Buffer.concat([noTypes, shutDown])]);
  const sql = openClient(`postgres://me@127.0.0.1:${port}/none`, { max: 1, connect_timeout: 30 });
  opened.push(() => sql.end({ timeout: 0 }));
  for (const _ of [1, 2, 3]) {
    const lost = await withTx(sql, (tx) => tx`select 1`).catch((error: unknown) => error);
    expect(lost).toMatchObject({ code: "database_unavailable", cause: { code: "57P01" } });
  }
});
