import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { answerWith, found, id, token } from "./stub-platform.ts";
import { hostileName, type TemplatesWorld, templatesWorld } from "./templates-world.ts";

let world: TemplatesWorld;
beforeAll(async () => {
  world = await templatesWorld();
}, 120_000);
afterAll(() => world.close(), 60_000);
beforeEach(() => world.platform.reset());

describe("webhooks", () => {
  test("a probe is answered with what is live, and nothing else is called", async () => {
    for (const { key, version, entry } of world.workflows.values()) {
      if (entry.kind !== "webhook") continue;
      const { status, body } = await world.probe(key);
      const federation = {
        department: world.ctx.department.id,
        template: key,
        version,
        probe: { nonce: key },
      };
      expect({ key, status, body }).toEqual({ key, status: 200, body: { federation } });
    }
    expect(world.platform.seen).toEqual([]);
  });

  test("who does not know the department's token is refused, also with a probe", async () => {
    for (const { key, entry } of world.workflows.values()) {
      if (entry.kind !== "webhook") continue;
      expect((await world.call(key, { federation_probe: 1 }, "wrong")).status).toBe(403);
      expect((await world.call(key, { federation_probe: 1 }, null)).status).toBe(403);
    }
  });

  test.each([
    ["calendar", "text"],
    ["calendar", []],
    ["calendar", {}],
    ["calendar", { operation: "constructor" }],
    ["calendar", { operation: "create_calendar_event", title: "T" }],
    ["calendar", { operation: "list_calendar_events", from: "tomorrow" }],
    ["calendar", { operation: "list_calendar_events", limit: 51 }],
    ["calendar", { operation: "list_calendar_events", limit: "10" }],
    ["calendar", { operation: "list_calendar_events", colour: "red" }],
    ["email", { operation: "send_mail", to: "a@example.com\r\nBcc: b@example.com", subject: "s", text: "t" }],
    ["email", { operation: "send_mail", to: "a@example.com", subject: "s\nBcc: b@example.com", text: "t" }],
    ["email", { operation: "read_mail", message_id: "../drafts" }],
    ["contacts", { operation: "create_contact", name: "Bob" }],
    ["database", { operation: "search_records", kind: "secrets", query: "x" }],
  ])("%s refuses %j before it calls anybody", async (key, body) => {
    const answer = await world.call(key, body);
    expect(answer).toEqual({
      status: 422,
      body: { error: { code: "invalid_arguments", message: expect.any(String) } },
    });
    expect(world.platform.seen).toEqual([]);
  });

  test("what Federation refuses is answered with its code and words, never with a stack", async () => {
    world.platform.answer("POST /cross-dept/query", () =>
      world.platform.problem(429, "rate_limited", "Too many."),
    );
    const answer = await world.call("database", { operation: "get_document_counts" });
    expect(answer).toEqual({ status: 502, body: { error: { code: "rate_limited", message: "Too many." } } });
  });

  test("an answer that does not read is an error that does not claim to know what was done", async () => {
    world.platform.answer("POST /oauth/google/token", answerWith(token));
    world.platform.answer("POST /gmail/gmail/v1/users/me/messages/send", () => new Response('{"id": '));
    const mail = { operation: "send_mail", to: "a@example.com", subject: "s", text: "t" };
    expect(await world.call("email", mail)).toEqual({
      status: 502,
      body: { error: { code: "unreachable", message: expect.stringContaining("not known") } },
    });
    expect(world.asked()).toHaveLength(2);
  });
});

describe("Federation", () => {
  test("a contact is changed where it is given and left as it is elsewhere", async () => {
    const contact = {
      source: "api",
      external_id: "x",
      name: "Anna",
      email: "a@example.com",
      notes: "={{ 1 }}",
    };
    world.platform.answer("POST /cross-dept/query", found({ id, ...contact }));
    world.platform.answer("PUT /contacts", answerWith({ inserted: 0, updated: 1 }));
    const answer = await world.call("contacts", {
      operation: "update_contact",
      contact_id: id,
      phone: "+41 1",
    });
    expect(answer.body).toEqual({ result: { kept: true, inserted: 0, updated: 1 } });
    expect(world.platform.lastBody()).toEqual({ items: [{ ...contact, phone: "+41 1" }] });
  });

  test("a contact that is not there is not made by a change", async () => {
    world.platform.answer("POST /cross-dept/query", found());
    const answer = await world.call("contacts", {
      operation: "update_contact",
      contact_id: id,
      phone: "+41 1",
    });
    expect(answer).toMatchObject({ status: 422, body: { error: { code: "not_found" } } });
    expect(world.asked()).toEqual(["POST /cross-dept/query"]);
  });

  test("the same address twice is the same contact", async () => {
    world.platform.answer("PUT /contacts", answerWith({ inserted: 1, updated: 0 }));
    for (const email of ["Bob@Example.com", "bob@example.com"])
      await world.call("contacts", { operation: "create_contact", name: "Bob", email });
    const [first, second] = world.platform.seen.map(({ body }) =>
      z.object({ items: z.array(z.object({ external_id: z.string() })) }).parse(body),
    );
    expect(first?.items[0]?.external_id).toBe("mailto:bob@example.com");
    expect(second).toEqual(first);
  });

  test.each([
    ["database", { operation: "search_records", kind: "emails", query: "x" }, "search_emails"],
    ["database", { operation: "get_record", kind: "contact", id }, "get_contact"],
    ["database", { operation: "get_document_counts", group_by: "month" }, "aggregate_documents"],
    ["database", { operation: "get_activity_counts", bucket: "week" }, "aggregate_activity"],
    ["vector_store", { operation: "read_knowledge", id }, "get_document"],
  ])("%s asks about its own department only: %j", async (key, call, queryType) => {
    world.platform.answer("POST /cross-dept/query", found({ id }));
    expect((await world.call(key, call)).status).toBe(200);
    expect(world.platform.lastBody()).toMatchObject({
      target_department_id: world.ctx.department.id,
      query_type: queryType,
    });
  });

  test("a question finds what has any of its words, in documents and in memory", async () => {
    world.platform.answer("POST /cross-dept/query", found({ id, snippet: "vacation" }));
    world.platform.answer("GET /memory", answerWith({ items: [] }));
    const question = "What is the vacation policy?";
    const { body } = await world.call("vector_store", { operation: "search_knowledge", query: question });
    expect(body).toEqual({
      result: { documents: [{ id, snippet: "vacation" }], memory: [], truncated: false },
    });
    expect(world.platform.lastBody()).toBeUndefined();
    expect(world.platform.seen[0]?.body).toMatchObject({
      query_params: { query: "what or vacation or policy" },
    });
    expect(world.platform.seen[1]?.query).toMatchObject({ query: "what or vacation or policy" });
  });

  test("context and memory go in as they were said and come out again", async () => {
    const value = "={{ $env }} '\"";
    world.platform.answer("PUT /context", answerWith({ type: "t", key: "k", value, expires_at: null }));
    world.platform.answer(
      "GET /context",
      answerWith({ items: [{ type: "t", key: "k", value, expires_at: null }] }),
    );
    world.platform.answer("PUT /memory", answerWith({ id }));
    world.platform.answer("GET /memory", answerWith({ items: [] }));
    await world.call("agent_context", {
      operation: "put_assistant_context",
      type: "t",
      key: "k",
      value,
      session_id: id,
    });
    expect(world.platform.seen.at(-1)).toMatchObject({
      query: { type: "t", key: "k", session_id: id },
      body: { value },
    });
    const read = await world.call("agent_context", { operation: "get_assistant_context", type: "t" });
    expect(read.body).toMatchObject({ result: { items: [{ value }] } });
    await world.call("agent_context", { operation: "remember_fact", category: "c", content: value });
    expect(world.platform.lastBody()).toEqual({ category: "c", content: value, importance: 5 });
    expect((await world.call("agent_context", { operation: "search_memory" })).body).toEqual({
      result: { items: [] },
    });
  });

  test("a session's summary replaces the one it had, and names only what was said", async () => {
    world.platform.answer(
      "PUT /context",
      answerWith({ type: "session", key: "summary", value: {}, expires_at: null }),
    );
    world.platform.answer("PUT /memory", answerWith({ id }));
    const transcript = [
      { role: "user", text: "Please move the budget meeting with Anna to Friday. Thanks." },
      { role: "assistant", text: "The budget meeting with Anna is moved to Friday." },
    ];
    const { body } = await world.call("session-summary", {
      operation: "store_session_summary",
      session_id: id,
      transcript,
    });
    const said = transcript.map(({ role, text }) => `${role}: ${text.replace(" Thanks.", "")}`).join("\n");
    expect(body).toEqual({ result: { memory_id: id, messages: 2, summary: said } });
    expect(world.platform.lastBody()).toEqual({
      id,
      session_id: id,
      category: "session_summary",
      content: said,
    });
  });

  test("a tool's result is handed on under a name of its own, the same for the same message", async () => {
    world.platform.answer("POST /webhooks/n8n", answerWith({ call_id: "c1", recorded: true }));
    const call = {
      operation: "report_tool_result",
      call_id: "c1",
      tool: "send_mail",
      status: "COMPLETED",
      result: [1],
    };
    const report = (more: object) => world.call("callback", { ...call, ...more });
    expect((await report({})).body).toEqual({ result: { call_id: "c1", recorded: true } });
    await report({});
    await report({ result: [2] });
    const [first, again, other] = world.platform.seen.map(({ headers }) => headers["webhook-id"]);
    expect(again).toBe(first ?? "");
    expect(other).not.toBe(first ?? "");
    const { operation: _, ...data } = call;
    expect(world.platform.seen[0]?.body).toEqual({ type: "tool_result", data });
  });
});

describe("MCP", () => {
  const contents = z.object({
    content: z.array(z.object({ text: z.string() })),
    isError: z.boolean().optional(),
  });

  test("a wrong token is refused", async () => {
    await expect(world.mcp("wrong")).rejects.toThrow("Authorization data is wrong");
  });

  test("the department's name arrives as a text", async () => {
    const client = await world.mcp();
    expect(client.getInstructions()).toEndWith(hostileName);
  });

  test("every operation is a tool with its typed arguments, of which the optional ones may be left out", async () => {
    const { tools } = await (await world.mcp()).listTools();
    const nodes = world.workflows
      .get("mcp")
      ?.definition.nodes.filter(({ type }) => type.endsWith("toolWorkflow"));
    expect(tools.map(({ name }) => name).sort()).toEqual((nodes ?? []).map(({ name }) => name).sort());
    const create = tools.find(({ name }) => name === "create_calendar_event");
    expect(create?.inputSchema).toMatchObject({
      type: "object",
      required: ["title", "starts_at", "ends_at"],
      properties: { title: { type: "string" }, attendees: { type: "string", default: "" } },
    });
    const list = tools.find(({ name }) => name === "list_calendar_events");
    expect(list?.inputSchema.properties?.["limit"]).toMatchObject({ type: "number", default: 10 });
    expect(list?.inputSchema.required ?? []).toEqual([]);
  });

  test("a call does the work of its workflow and brings the answer back", async () => {
    world.platform.answer("PUT /context", answerWith({ type: "t", key: "k", value: "v", expires_at: null }));
    const value = "={{ $env }} $fromAI('x') '\"`\\";
    const call = { name: "put_assistant_context", arguments: { type: "t", key: "k", value } };
    const { content } = contents.parse(await (await world.mcp()).callTool(call));
    expect(JSON.parse(content[0]?.text ?? "")).toEqual([{ result: { kept: true, expires_at: null } }]);
    expect(world.platform.seen.map(({ body }) => body)).toEqual([{ value, ttl_seconds: 86_400 }]);
  });

  test("what goes wrong in the work is told with its code", async () => {
    world.platform.answer("POST /oauth/google/token", () =>
      world.platform.problem(409, "needs_consent", "Consent."),
    );
    const { content } = contents.parse(
      await (await world.mcp()).callTool({ name: "search_mail", arguments: { query: "x" } }),
    );
    expect(JSON.parse(content[0]?.text ?? "")).toEqual([
      { error: { code: "needs_consent", message: "Consent." } },
    ]);
  });

  test("arguments of a wrong type call nobody", async () => {
    const call = { name: "search_mail", arguments: { query: "x", limit: "many" } };
    expect(contents.parse(await (await world.mcp()).callTool(call)).isError).toBe(true);
    expect(world.platform.seen).toEqual([]);
  });
});

test("nothing of what ran is kept in n8n, and what n8n holds is what was rendered", async () => {
  const kept = z.object({ data: z.array(z.object({ id: z.string(), status: z.string() })) });
  const held = z.object({ name: z.string(), nodes: z.json(), connections: z.json(), settings: z.json() });
  for (const { id: workflow, definition } of world.workflows.values()) {
    const executions = kept.parse(await world.n8n.api("GET", `/executions?workflowId=${workflow}`));
    expect(executions.data.filter(({ status }) => status !== "running")).toEqual([]);
    const { name, nodes, connections, settings } = held.parse(
      await world.n8n.api("GET", `/workflows/${workflow}`),
    );
    expect({ name, nodes, connections }).toEqual(
      JSON.parse(
        JSON.stringify({
          name: definition.name,
          nodes: definition.nodes,
          connections: definition.connections,
        }),
      ),
    );
    expect(settings).toMatchObject(definition.settings);
  }
});
