// What n8n serves of a published workflow, as callers of webhooks and MCP clients see it; for the real one and its fake.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type {
  N8nClient,
  RemoteCredential,
  WorkflowDefinition,
  WorkflowNode,
} from "../../src/providers/n8n/n8n.ts";
import { type N8nUnderTest, type N8nWorld, n8nWorld, never, until } from "./n8n-world.ts";

export function describeN8nTriggers(name: string, make: () => Promise<N8nUnderTest>): void {
  describe(`n8n triggers: ${name}`, () => {
    let world: N8nWorld;
    let client: N8nClient;
    beforeAll(async () => {
      world = n8nWorld(await make());
      client = world.client;
    });
    afterAll(() => world.close());

    const credential = (type: string, data: Record<string, string>) =>
      client.createCredential(
        { id: world.credentialId(), name: world.fresh("credential"), type, data },
        never,
      );

    async function publish(definition: WorkflowDefinition) {
      const { id } = await client.createWorkflow(definition, never);
      await client.publishWorkflow(id, never);
      return id;
    }

    test("a webhook that is not published is a 404 in JSON, for another method and another case as well", async () => {
      const path = world.fresh("Path");
      expect(await shown(await world.call(path))).toMatchObject({ status: 404, body: { code: 404 } });
      await publish(world.webhook(path));
      await until(async () => (await world.call(path)).status === 200);
      expect((await fetch(`${world.baseUrl}/webhook/${path}`)).status).toBe(404);
      expect((await world.call(path.toLowerCase())).status).toBe(404);
      expect((await world.call(`${path}/`)).status).toBe(200);
    });

    test("a guarded webhook refuses with a 403 in text, and fails once its credential is deleted", async () => {
      const guard = await credential("httpHeaderAuth", { name: "X-Contract", value: "the-value" });
      const path = world.fresh("path");
      const credentials = { httpHeaderAuth: { id: guard.id, name: guard.name } };
      await publish(world.webhook(path, { parameters: { authentication: "headerAuth" }, credentials }));
      await until(async () => (await world.call(path)).status !== 404);
      const refused = { status: 403, body: "Authorization data is wrong!" };
      expect(await shown(await world.call(path))).toEqual(refused);
      expect(await shown(await world.call(path, { "x-contract": "another" }))).toEqual(refused);
      expect((await world.call(path, { "x-contract": "the-value" })).status).toBe(200);
      await client.deleteCredential(guard.id, never);
      expect((await world.call(path, { "x-contract": "the-value" })).status).toBe(500);
    });

    test("an MCP endpoint lists the tools connected to it, to who knows the bearer and in a session", async () => {
      const guard = await credential("httpBearerAuth", { token: "the-token" });
      const path = world.fresh("mcp");
      const id = await publish(mcpWorkflow(world.fresh("workflow"), path, guard));
      const send = (body: object, headers: Record<string, string> = {}) =>
        fetch(`${world.baseUrl}/mcp/${path}`, {
          method: "POST",
          headers: { ...mcpHeaders, authorization: "Bearer the-token", ...headers },
          body: JSON.stringify({ jsonrpc: "2.0", ...body }),
        });
      await until(async () => (await send(initialize)).status !== 404);
      const refused = await send(initialize, { authorization: "Bearer another" });
      expect(await shown(refused)).toEqual({ status: 403, body: "Authorization data is wrong!" });
      const begun = await send(initialize);
      const session = { "mcp-session-id": begun.headers.get("mcp-session-id") ?? "" };
      expect(await eventOf(begun)).toMatchObject({ id: 1, result: { protocolVersion: "2025-06-18" } });
      const told = await send({ method: "notifications/initialized" }, session);
      expect(told.status).toBe(202);
      const listed = await eventOf(await send({ id: 2, method: "tools/list" }, session));
      expect(listed).toMatchObject({
        id: 2,
        result: { tools: [{ name: "find_a_slot", description: "Finds a slot." }] },
      });
      const without = await send({ id: 3, method: "tools/list" });
      expect(without.status).toBe(400);
      const foreign = await send({ id: 3, method: "tools/list" }, { "mcp-session-id": "nobody" });
      expect(await shown(foreign)).toEqual({ status: 404, body: "Session not found" });
      await client.deleteWorkflow(id, never);
      expect((await send(initialize)).status).toBe(404);
    });
  });
}

const initialize = {
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "contract", version: "1" } },
};
const mcpHeaders = { "content-type": "application/json", accept: "application/json, text/event-stream" };

function mcpWorkflow(name: string, path: string, guard: RemoteCredential): WorkflowDefinition {
  const tool = (id: string, title: string, more: Partial<WorkflowNode> = {}): WorkflowNode => ({
    id,
    name: title,
    type: "@n8n/n8n-nodes-langchain.toolCode",
    typeVersion: 1.3,
    position: [0, 200],
    parameters: { description: "Finds a slot.", jsCode: "return 'none'" },
    ...more,
  });
  return {
    name,
    nodes: [
      {
        id: "mcp",
        name: "MCP",
        type: "@n8n/n8n-nodes-langchain.mcpTrigger",
        typeVersion: 2,
        position: [0, 0],
        parameters: { authentication: "bearerAuth", path },
        credentials: { httpBearerAuth: { id: guard.id, name: guard.name } },
      },
      tool("connected", "find a slot"),
      tool("disabled", "disabled", { disabled: true }),
      tool("alone", "alone"),
    ],
    connections: { "find a slot": toMcp, disabled: toMcp },
    settings: { executionOrder: "v1" },
  };
}

const toMcp = { ai_tool: [[{ node: "MCP", type: "ai_tool", index: 0 }]] };

async function shown(response: Response) {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
}

/** The message in an answer of one event. */
async function eventOf(response: Response): Promise<unknown> {
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  return JSON.parse((await response.text()).split("data: ")[1] ?? "");
}
