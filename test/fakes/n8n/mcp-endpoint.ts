// /mcp/<path>: as much of streamable HTTP as a client needs to connect and list the tools.
import type { ServerResponse } from "node:http";
import type { JsonObject } from "../../../src/json.ts";
import { type Answer, ok } from "./answer.ts";
import { authorizeTrigger } from "./authorize-trigger.ts";
import { mcpTrigger, pathOf } from "./create-publisher.ts";
import { newUuid, type Registration, type Store } from "./store.ts";
import { notRegistered, type TriggerCall } from "./webhook-endpoint.ts";

/** Undefined: the answer is a stream that `res` now keeps open. */
export function answerMcp(store: Store, call: TriggerCall, res: ServerResponse): Answer | undefined {
  const path = pathOf(call.path);
  const registration = store.registered.get(`${call.method} ${path}`);
  if (registration?.node.type !== mcpTrigger) return notRegistered(call.method, path);
  const refusal = authorizeTrigger(store, registration.node, call.headers);
  if (refusal) return refusal;
  const session = call.headers["mcp-session-id"];
  if (call.method === "POST" && call.body["method"] === "initialize")
    return initialize(store, path, call.body);
  if (session === undefined) {
    return {
      status: 400,
      body: rpc({ error: { code: -32000, message: "Bad Request: Server not initialized" }, id: null }),
    };
  }
  if (store.sessions.get(String(session)) !== path) return { status: 404, body: "Session not found" };
  if (call.method === "DELETE") {
    store.sessions.delete(String(session));
    return { status: 200, body: "" };
  }
  if (call.method === "GET") {
    res
      .writeHead(200, { "content-type": "text/event-stream", "mcp-session-id": String(session) })
      .flushHeaders();
    return undefined;
  }
  return answerMessage(registration, call.body, String(session));
}

function initialize(store: Store, path: string, { id, params }: Record<string, unknown>): Answer {
  const session = newUuid();
  store.sessions.set(session, path);
  const asked = params as { protocolVersion?: string } | undefined;
  const result = {
    protocolVersion: asked?.protocolVersion ?? "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "MCP", version: "0.1.0" },
  };
  return event({ result, id }, session);
}

function answerMessage(
  registration: Registration,
  message: Record<string, unknown>,
  session: string,
): Answer {
  const { id, method } = message;
  if (id === undefined) return { status: 202, body: "" };
  if (method === "ping") return event({ result: {}, id }, session);
  if (method === "tools/list") return event({ result: { tools: toolsOf(registration) }, id }, session);
  return event({ error: { code: -32601, message: "Method not found" }, id }, session);
}

/** The nodes that are connected to the trigger, named as n8n names their tools. */
function toolsOf({ node, version }: Registration) {
  const isTool = (name: string) => {
    const kinds = version.connections[name] as JsonObject | undefined;
    return JSON.stringify(kinds?.["ai_tool"] ?? []).includes(`"node":${JSON.stringify(node.name)}`);
  };
  return version.nodes
    .filter((one) => !one.disabled && isTool(one.name))
    .map(({ name, parameters }) => ({
      name: name.replaceAll(/[^a-zA-Z0-9_-]+/g, "_"),
      description: String(parameters["toolDescription"] ?? parameters["description"] ?? ""),
      inputSchema: { type: "object", properties: {} },
    }));
}

const rpc = (message: object) => ({ jsonrpc: "2.0", ...message });

const event = (message: object, session: string): Answer => ({
  ...ok({}),
  body: `event: message\ndata: ${JSON.stringify(rpc(message))}\n\n`,
  headers: { "content-type": "text/event-stream", "mcp-session-id": session },
});
