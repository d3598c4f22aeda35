// Stands between a worker and an API that it calls, and kills the worker at one of its calls.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface KillAt {
  /** 1 for the next call of the API. */
  nth: number;
  /** Before the API hears of the call, or after it has answered and before the worker hears of that. */
  when: "before" | "after";
  kill(): void;
}

export type KillingProxy = Awaited<ReturnType<typeof startKillingProxy>>;

const socketScheme = "unix://";

/** `target` is an http or a unix:// URL, and the proxy's own is of the same kind; `counts` says which are calls. */
export async function startKillingProxy(target: string, counts: (path: string, method: string) => boolean) {
  let armed: KillAt | undefined;
  const calls: string[] = [];

  /** The kill that this call is for. */
  function take(url: string, method: string): KillAt | undefined {
    if (!counts(url, method)) return undefined;
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
  const directory = await mkdtemp(join(tmpdir(), "federation-proxy-"));
  const socketPath = join(directory, "proxy.sock");
  await new Promise<void>((resolve) =>
    target.startsWith(socketScheme)
      ? server.listen(socketPath, resolve)
      : server.listen(0, "127.0.0.1", resolve),
  );
  const address = server.address();
  return {
    url:
      typeof address === "string"
        ? `${socketScheme}${socketPath}`
        : `http://127.0.0.1:${(address as AddressInfo).port}`,
    /** Every call of the API that came by. */
    calls,
    arm: (at: KillAt) => void (armed = at),
    disarm: () => void (armed = undefined),
    isArmed: () => armed !== undefined,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function forward(target: string, req: IncomingMessage): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isSocket = target.startsWith(socketScheme);
    const url = new URL(req.url ?? "/", isSocket ? "http://localhost" : target);
    const headers = { ...req.headers, host: url.host };
    const way = isSocket ? { socketPath: target.slice(socketScheme.length) } : {};
    const outgoing = request(url, { method: req.method, headers, ...way }, resolve);
    outgoing.on("error", reject);
    req.pipe(outgoing);
  });
}
