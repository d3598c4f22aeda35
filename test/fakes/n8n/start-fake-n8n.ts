/**
 * An n8n that keeps workflows and credentials, publishes them late and serves their triggers, without running a node.
 * Two ages: 2.41, and 2.8 with activate/deactivate only, ids of credentials that are not the caller's to choose, and
 * activation that is done when it answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, type ApiCall, refuse, type Version } from "./answer.ts";
import { createPublisher } from "./create-publisher.ts";
import { answerCredentials } from "./credential-endpoint.ts";
import type { Fault } from "./faults.ts";
import { answerMcp } from "./mcp-endpoint.ts";
import { createStore } from "./store.ts";
import { answerWebhook } from "./webhook-endpoint.ts";
import { answerWorkflows } from "./workflow-endpoint.ts";

export interface FakeN8nOptions {
  version?: Version;
  /** From a publish or unpublish to what it does to the webhooks; read at each. */
  registrationMs?: number;
}

export type FakeN8n = Awaited<ReturnType<typeof startFakeN8n>>;

export async function startFakeN8n(options: FakeN8nOptions = {}) {
  const behaviour = { version: "2.41" as Version, registrationMs: 20, ...options };
  const store = createStore();
  const publisher = createPublisher(store, behaviour);
  const apiKey = `n8n-api-key-${crypto.randomUUID()}`;
  const planned = new Map<number, Fault>();
  /** Every call of the API, as `<method> <path>`. */
  const calls: string[] = [];

  function answerApi(req: IncomingMessage, url: URL, text: string): Answer {
    if (req.headers["x-n8n-api-key"] !== apiKey) return refuse(401, "Unauthorized");
    const body = text === "" ? {} : parsed(text);
    if (!body) return { status: 500, body: "<!DOCTYPE html><title>Error</title>" };
    const type = req.headers["content-type"] ?? "";
    if (text !== "" && !type.startsWith("application/json"))
      return refuse(415, `unsupported media type ${type}`);
    const path = url.pathname.split("/").slice(3).map(decodeURIComponent);
    const call: ApiCall = { method: req.method ?? "", path, query: url.searchParams, body };
    const endpoint = { store, publisher, version: behaviour.version };
    if (path[0] === "workflows") return answerWorkflows(endpoint, call);
    if (path[0] === "credentials") return answerCredentials(endpoint, call);
    return refuse(404, "not found");
  }

  async function onApi(req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> {
    const text = await textOf(req);
    const fault = planned.get(calls.push(`${req.method} ${url.pathname.slice("/api/v1".length)}`));
    if (fault?.kind === "status") return answer(res, { body: "", ...fault });
    const answered = answerApi(req, url, text);
    if (fault?.kind === "drop_answer") return void req.socket.destroy();
    if (fault?.kind === "delay") await Bun.sleep(fault.ms);
    if (!req.socket.destroyed) answer(res, answered);
  }

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? "/", "http://127.0.0.1");
    if (url.pathname.startsWith("/api/v1/")) return await onApi(req, res, url);
    if (url.pathname === "/healthz") return answer(res, { status: 200, body: { status: "ok" } });
    const [, kind = "", path = ""] = /^\/(webhook|mcp)\/(.*)$/.exec(url.pathname) ?? [];
    const body = parsed(await textOf(req)) ?? {};
    const call = { method: req.method ?? "", path: decodeURIComponent(path), headers: req.headers, body };
    const answered =
      kind === "webhook"
        ? answerWebhook(store, call)
        : kind === "mcp"
          ? answerMcp(store, call, res)
          : { status: 404, body: "Cannot find it" };
    if (answered) answer(res, answered);
  }

  const server = createServer((req, res) => void handle(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey,
    store,
    calls,
    behaviour,
    /** The n-th call of the API from now on, 1 for the next. */
    fail: (nth: number, fault: Fault) => void planned.set(calls.length + nth, fault),
    close: () =>
      new Promise<void>((resolve) => {
        publisher.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(res: ServerResponse, { status, body, headers }: Answer): void {
  const isText = typeof body === "string";
  const type = isText ? {} : { "content-type": "application/json; charset=utf-8" };
  res.writeHead(status, { ...type, ...headers }).end(isText ? body : JSON.stringify(body));
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}
