import { createAllowList } from "../../src/net/allow-list.ts";
import { createSigningKeys } from "../../src/tokens/signing-keys.ts";
import { createDeliverer, type Deliverer } from "../../src/webhooks/delivery/deliverer.ts";
import { type EventType, emitEvent } from "../../src/webhooks/emit.ts";
import type { JsonObject } from "../../src/json.ts";
import { withTx } from "../../src/db/tx.ts";
import { type Edge, testEdge } from "../http/edge.ts";

export interface Received {
  path: string;
  headers: Record<string, string>;
  text: string;
}

export type World = Awaited<ReturnType<typeof webhookWorld>>;

/**
 * The edge with a receiver at http://<any name>.test:<port>/<path> on this machine. What a path answers is said with
 * `answer`; 204 otherwise. A deliverer runs between `start` and `stop`.
 */
export async function webhookWorld() {
  const edge = await testEdge();
  const received: Received[] = [];
  const answers = new Map<string, (request: Request) => Response | Promise<Response>>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      const path = new URL(request.url).pathname;
      received.push({ path, headers: request.headers.toJSON(), text: await request.text() });
      return (await answers.get(path)?.(request)) ?? new Response(null, { status: 204 });
    },
  });
  const { db, vault, log } = edge.deps;
  const means = {
    consoleUrl: "https://federation.example.org",
    vault,
    signingKeys: createSigningKeys({ sql: db.app, vault }),
    send: { allow: createAllowList(["127.0.0.1"]), resolve: () => Promise.resolve(["127.0.0.1"]) },
  };
  const running = new Set<Deliverer>();
  return {
    edge,
    received,
    means,
    of: (path: string) => received.filter((message) => message.path === path),
    answer: (path: string, how: (request: Request) => Response | Promise<Response>) =>
      void answers.set(path, how),
    url: (path: string) => `http://hook.test:${server.port}${path}`,
    emit: (type: EventType, departmentId?: string, data: JsonObject = { n: 1 }) =>
      withTx(db.app, (tx) => emitEvent(tx, { type, departmentId, data })),
    start(options: { roomMax?: number } = {}) {
      const deliverer = createDeliverer({ sql: db.app, log, ...means, everyMs: 20, ...options });
      running.add(deliverer);
      return deliverer;
    },
    async stop() {
      await Promise.all([...running].map((deliverer) => deliverer.close()));
      running.clear();
    },
    async addEndpoint(path: string, more: object = {}, key = edge.adminKey) {
      const body = { url: `http://hook.test:${server.port}${path}`, ...more };
      const { json, status } = await edge.call("POST", "/api/v1/webhook-endpoints", { key, body });
      if (status !== 201) throw new Error(`${status} ${JSON.stringify(json)}`);
      return json as { id: string; secret: string };
    },
    async close() {
      await this.stop();
      await server.stop(true);
      await edge.close();
    },
  };
}

/** Waits for something that has to come. */
export async function until<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (let tries = 0; tries < 2000; tries++) {
    const found = await look();
    if (found) return found;
    await Bun.sleep(5);
  }
  throw new Error(`did not come: ${look}`);
}

/** The deliveries of an endpoint, the newest first, as the API shows them. */
export async function deliveriesOf(edge: Edge, id: string) {
  const { json } = await edge.call("GET", `/api/v1/webhook-endpoints/${id}/deliveries`, {
    key: edge.adminKey,
  });
  return (json.items ?? []) as {
    id: string;
    event_id: string;
    type: string;
    status: string;
    attempts: number;
    last_status: number | null;
    last_error: string | null;
  }[];
}
