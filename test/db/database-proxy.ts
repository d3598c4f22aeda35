import net, { type AddressInfo, type Socket } from "node:net";

/** What a client sends, one piece at a time. */
export interface Sent {
  /** 1 for the first connection. */
  nth: number;
  bytes: Buffer;
}

/** Stands between a client and its database on loopback; each piece that the client sends passes, or its connection is cut. */
export async function startDatabaseProxy(
  databaseUrl: string,
  decide: (sent: Sent) => Promise<"pass" | "cut">,
) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let connections = 0;

  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  const server = net.createServer((client) => {
    const nth = ++connections;
    const upstream = net.connect({ host: target.hostname, port: Number(target.port) });
    for (const socket of [client, upstream]) keep(socket);
    upstream.on("data", (bytes) => client.write(bytes));
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
    let turn = Promise.resolve();
    client.on("data", (bytes: Buffer) => {
      turn = turn.then(async () => {
        if ((await decide({ nth, bytes })) === "pass") upstream.write(bytes);
        else client.destroy();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    connections: () => connections,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
