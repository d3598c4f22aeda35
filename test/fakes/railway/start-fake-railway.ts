/**
 * Railway's public API on a loopback port, as far as the project uses it: errors come as HTTP 200, creations show late,
 * deletions are soft, budgets and throttles refuse, deployments take time and may fail, and answers get lost after what
 * was asked has happened. One number, the scale, makes its time pass faster. It has no timers: what changes by itself is
 * planned and read off the clock.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerRequest } from "./answer-request.ts";
import { createControls } from "./create-controls.ts";
import { createRailway } from "./railway.ts";
import type { FakeRailwayOptions } from "./settings.ts";

export type FakeRailway = Awaited<ReturnType<typeof startFakeRailway>>;

export async function startFakeRailway(options: FakeRailwayOptions = {}) {
  const railway = createRailway(options);

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const text = await textOf(req);
    const answer = answerRequest(railway, {
      method: req.method ?? "",
      url: new URL(req.url ?? "/", "http://127.0.0.1"),
      headers: req.headers,
      text,
    });
    if (answer === "none") return void req.socket.destroy();
    if (!req.socket.destroyed) res.writeHead(answer.status, answer.headers).end(answer.body);
  }

  const server = createServer((req, res) => void handle(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql/v2`,
    controls: createControls(railway),
    async close(): Promise<void> {
      await railway.agents.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}
