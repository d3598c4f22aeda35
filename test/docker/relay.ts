// Lets containers reach a server of this machine that listens on loopback only, and processes of this machine the agents
// in containers: a container with a unix socket for each way. It stands for the web container of an installation on Docker.
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker } from "./docker.ts";

const port = 3000;
const inside = `const net = require("node:net");
net.createServer((from) => {
  const to = net.connect("/relay/web.sock");
  from.pipe(to).pipe(from);
  from.on("error", () => to.destroy());
  to.on("error", () => from.destroy());
}).listen(${port});
Bun.serve({
  unix: "/relay/agents.sock",
  fetch: (req) => fetch(req.url, { method: req.method, headers: req.headers, body: req.body }),
});`;

export interface Relay {
  /** Of the container, for DOCKER_ATTACH. */
  name: string;
  /** Where its callers find it under the name `federation`. */
  url: string;
  lead(target: URL): void;
  /** An HTTP proxy on loopback, for who calls agents by their names. */
  agentsUrl: string;
  close(): Promise<void>;
}

export async function startRelay(): Promise<Relay> {
  const directory = await mkdtemp(join(tmpdir(), "federation-relay-"));
  const name = `federation-relay-${crypto.randomUUID().slice(0, 8)}`;
  let target: NetConnectOpts | undefined;
  const server = createServer((from) => {
    if (!target) return void from.destroy();
    pipeTo(from, target);
  });
  await new Promise<void>((resolve) => server.listen(join(directory, "web.sock"), resolve));
  const agents = createServer((from) => pipeTo(from, { path: join(directory, "agents.sock") }));
  await new Promise<void>((resolve) => agents.listen(0, "127.0.0.1", resolve));
  const address = agents.address() as AddressInfo;
  const run = ["run", "-d", "--name", name, "-v", `${directory}:/relay`];
  await docker(...run, "oven/bun:1.4.5-slim", "bun", "-e", inside);
  return {
    name,
    url: `http://federation:${port}`,
    lead: ({ hostname, port: to }) => (target = { host: hostname, port: Number(to) }),
    agentsUrl: `http://127.0.0.1:${address.port}`,
    async close() {
      await docker("rm", "-f", name);
      server.close();
      agents.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function pipeTo(from: Socket, target: NetConnectOpts): void {
  const to = connect(target);
  from.pipe(to).pipe(from);
  from.on("error", () => to.destroy());
  to.on("error", () => from.destroy());
}
