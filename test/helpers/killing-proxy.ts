// Stands between a worker and n8n, and kills the worker at one of its calls of the API.
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface KillAt {
  /** 1 for the next call of the API. */
  nth: number;
  /** Before n8n hears of the call, or after it has answered and before the worker hears of that. */
  when: "before" | "after";
  kill(): void;
}

export type KillingProxy = Awaited<ReturnType<typeof startKillingProxy>>;

export async function startKillingProxy(target: string) {
  let armed: KillAt | undefined;
  const calls: string[] = [];

  /** The kill that this call is for. */
  function take(url: string, method: string): KillAt | undefined {
    if (!url.startsWith("/api/v1/")) return undefined;
    calls.push(`${method} ${url}`);
    if (!armed || (armed.nth -= 1) > 0) return undefined;
    const due = armed;
    armed = undefined;
    return due;
  }

  async function pass(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const due = take(req.url ?? "/", req.method ?? "GET");
    if (due?.when === "before") {
      due.kill();
      return void req.socket.destroy();
    }
    const answer = await forward(target, req);
    if (due) {
      for await (const _ of answer);
      due.kill();
      return void req.socket.destroy();
    }
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  }

  const server = createServer((req, res) => void pass(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Every call of the API that came by. */
    calls,
    arm: (at: KillAt) => void (armed = at),
    isArmed: () => armed !== undefined,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(target: string, req: IncomingMessage): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = new URL(req.url ?? "/", target);
    const headers = { ...req.headers, host: url.host };
    const outgoing = request(url, { method: req.method, headers }, resolve);
    outgoing.on("error", reject);
    req.pipe(outgoing);
  });
}
