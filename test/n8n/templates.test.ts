import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { z } from "zod";
import { hostileName, type TemplatesWorld, templatesWorld } from "./templates-world.ts";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const token = {
  access_token: "ya29.secret",
  token_type: "Bearer",
  expires_in: 3000,
  scope: "",
  missing_scopes: [],
};
const base64url = (text: string) => Buffer.from(text).toString("base64url");

let world: TemplatesWorld;
beforeAll(async () => {
  world = await templatesWorld();
  await world.open().catch(async (error: unknown) => {
    await world.close();
    throw error;
  });
}, 120_000);
afterAll(() => world.close(), 60_000);
beforeEach(() => world.platform.reset());

/** What was asked of Federation or Google, `METHOD /path` below the department where it is one's own. */
const asked = () =>
  world.platform.seen.map(
    ({ method, path }) =>
      `${method} ${path.replace("/api/v1", "").replace(`/departments/${world.ctx.department.id}`, "")}`,
  );
const lastBody = () => world.platform.seen.at(-1)?.body;
const json = (body: object) => () => Response.json(body);
const found = (...results: object[]) =>
  json({ success: true, results, results_count: results.length, query_id: id, truncated: false });

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
    world.platform.answer("POST /oauth/google/token", json(token));
    world.platform.answer("POST /gmail/gmail/v1/users/me/messages/send", () => new Response('{"id": '));
    const mail = { operation: "send_mail", to: "a@example.com", subject: "s", text: "t" };
    expect(await world.call("email", mail)).toEqual({
      status: 502,
      body: { error: { code: "unreachable", message: expect.stringContaining("not known") } },
    });
    expect(asked()).toHaveLength(2);
  });
});

describe("Google", () => {
  beforeEach(() => world.platform.answer("POST /oauth/google/token", json(token)));

  test("a department that nobody has connected yet hears needs_consent, and Google is not called", async () => {
    const needsConsent = () => world.platform.problem(409, "needs_consent", "Somebody has to consent first.");
    world.platform.answer("POST /oauth/google/token", needsConsent);
    const { body } = await world.call("calendar", { operation: "list_calendar_events" });
    expect(body).toEqual({ error: { code: "needs_consent", message: "Somebody has to consent first." } });
    expect(asked()).toEqual(["POST /oauth/google/token"]);
  });

  test("the department's key goes to Federation alone, and the access token to Google alone", async () => {
    world.platform.answer("GET /www/drive/v3/files", json({ files: [] }));
    await world.call("google_drive", { operation: "search_drive_files", query: "x" });
    expect(world.platform.seen.map(({ headers }) => headers["authorization"])).toEqual([
      `Bearer ${world.tokens.api}`,
      `Bearer ${token.access_token}`,
    ]);
  });

  test("an error of Google is answered with its status and words", async () => {
    const error = { code: 403, status: "PERMISSION_DENIED", message: "Insufficient scope" };
    world.platform.answer("GET /www/calendar/v3/calendars/primary/events", () =>
      Response.json({ error }, { status: 403 }),
    );
    const { body } = await world.call("calendar", { operation: "list_calendar_events" });
    expect(body).toEqual({ error: { code: "google_permission_denied", message: "Insufficient scope" } });
  });

  test("an event is made once, with its guests, and kept in Federation", async () => {
    const event = {
      id: "e1",
      summary: "Review",
      start: { dateTime: "2026-03-01T09:00:00+01:00" },
      end: { dateTime: "2026-03-01T10:00:00+01:00" },
      attendees: [{ email: "a@example.com" }],
    };
    world.platform.answer("POST /www/calendar/v3/calendars/primary/events", json(event));
    world.platform.answer("PUT /events", json({ inserted: 1, updated: 0 }));
    const answer = await world.call("calendar", {
      operation: "create_calendar_event",
      title: "={{ $env }}",
      starts_at: "2026-03-01T09:00:00+01:00",
      ends_at: "2026-03-01T10:00:00+01:00",
      attendees: "a@example.com, b@example.com",
    });
    expect(answer).toMatchObject({ status: 200, body: { result: { id: "e1", kept_in_federation: true } } });
    const [, made, kept, ...more] = world.platform.seen;
    expect(made?.body).toEqual({
      summary: "={{ $env }}",
      start: { dateTime: "2026-03-01T09:00:00+01:00" },
      end: { dateTime: "2026-03-01T10:00:00+01:00" },
      attendees: [{ email: "a@example.com" }, { email: "b@example.com" }],
    });
    expect(kept?.body).toMatchObject({
      items: [{ source: "google_calendar", external_id: "e1", title: "Review" }],
    });
    expect(more).toEqual([]);
  });

  test("an event that Federation does not keep is still told as made", async () => {
    const at = { dateTime: "2026-03-01T09:00:00Z" };
    world.platform.answer(
      "PATCH /www/calendar/v3/calendars/primary/events/e1",
      json({ id: "e1", start: at, end: at }),
    );
    world.platform.answer("PUT /events", () => world.platform.problem(503, "database_unavailable"));
    const { body } = await world.call("calendar", {
      operation: "update_calendar_event",
      event_id: "e1",
      location: "R1",
    });
    expect(body).toMatchObject({ result: { id: "e1", kept_in_federation: false } });
    expect(world.platform.seen[1]?.body).toEqual({ location: "R1" });
  });

  test("a search of mails shows the head of each, and of none when there is none", async () => {
    const messages = ["m1", "m2"].map((one) => ({ id: one, threadId: "t" }));
    world.platform.answer("GET /gmail/gmail/v1/users/me/messages", ({ query }) =>
      Response.json(query["q"] === "nothing" ? {} : { messages }),
    );
    for (const one of ["m1", "m2"]) {
      const headers = [{ name: "Subject", value: `about ${one}` }];
      world.platform.answer(
        `GET /gmail/gmail/v1/users/me/messages/${one}`,
        json({ id: one, threadId: "t", snippet: "s", payload: { headers } }),
      );
    }
    const search = (query: string) => world.call("email", { operation: "search_mail", query });
    expect((await search("x")).body).toEqual({
      result: {
        messages: ["m1", "m2"].map((one) => ({
          id: one,
          thread_id: "t",
          subject: `about ${one}`,
          snippet: "s",
        })),
      },
    });
    expect((await search("nothing")).body).toEqual({ result: { messages: [] } });
  });

  test("a mail leaves as it was said, in any language", async () => {
    world.platform.answer("POST /gmail/gmail/v1/users/me/messages/send", json({ id: "s1", threadId: "t1" }));
    const subject = "Grüße aus Zürich 😀 und noch viel mehr Wörter";
    const text = "={{ $env }}\nNaïve – 日本語";
    const answer = await world.call("email", { operation: "send_mail", to: "a@example.com", subject, text });
    expect(answer.body).toEqual({ result: { sent: true, id: "s1", thread_id: "t1" } });
    const { raw } = z.object({ raw: z.string() }).parse(lastBody());
    const [head = "", body = ""] = Buffer.from(raw, "base64url").toString("utf8").split("\r\n\r\n");
    const pieces = [...head.matchAll(/=\?UTF-8\?B\?([^?]+)\?=/g)].map(([word, part = ""]) => {
      expect(word.length).toBeLessThanOrEqual(75);
      return Buffer.from(part, "base64").toString("utf8");
    });
    expect(pieces.join("")).toBe(subject);
    expect(head).toStartWith("To: a@example.com\r\nSubject: ");
    expect(Buffer.from(body, "base64").toString("utf8")).toBe(text);
  });

  const parts = [
    { partId: "0", mimeType: "text/plain", filename: "", body: { data: base64url("see attached") } },
    { partId: "1", mimeType: "text/csv", filename: "a.csv", body: { attachmentId: "csv", size: 7 } },
    { partId: "2", mimeType: "application/pdf", filename: "a.pdf", body: { attachmentId: "pdf", size: 9 } },
    { partId: "3", mimeType: "image/png", filename: "a.png", body: { attachmentId: "png", size: 9 } },
  ];
  const pdf = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 144]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 44>>stream
BT /F1 24 Tf 20 100 Td (Invoice of May) Tj ET
endstream endobj 5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>`;

  test.each([
    ["1", "csv", "a,b\n1,2", { text: "a,b\n1,2", extraction: "done" }],
    ["2", "pdf", pdf, { text: "Invoice of May", extraction: "done" }],
    ["2", "pdf", "no PDF", { text: "", extraction: "failed", extraction_error: "The PDF does not read." }],
    ["3", "png", "\u0089PNG", { text: "", extraction: "unsupported" }],
  ])("attachment %s (%s) becomes a document of the department", async (part, attachment, content, item) => {
    world.platform.answer(
      "GET /gmail/gmail/v1/users/me/messages/m1",
      json({ id: "m1", payload: { mimeType: "multipart/mixed", parts } }),
    );
    world.platform.answer(
      `GET /gmail/gmail/v1/users/me/messages/m1/attachments/${attachment}`,
      json({ data: base64url(content) }),
    );
    world.platform.answer("PUT /documents", json({ inserted: 1, updated: 0 }));
    const call = { operation: "download_mail_attachment", message_id: "m1", part_id: part };
    const answer = await world.call("file_download_email", call);
    expect(answer.body).toMatchObject({ result: { stored: true, text: item.extraction } });
    expect(lastBody()).toMatchObject({ items: [{ source: "gmail", external_id: `m1:${part}`, ...item }] });
  });

  test("a file of Drive is read as text, and a picture is refused", async () => {
    const google = "application/vnd.google-apps.document";
    world.platform.answer("GET /www/drive/v3/files/doc", json({ id: "doc", name: "D", mimeType: google }));
    world.platform.answer("GET /www/drive/v3/files/doc/export", () => new Response("x".repeat(50_001)));
    world.platform.answer(
      "GET /www/drive/v3/files/png",
      json({ id: "png", name: "P", mimeType: "image/png", size: "5" }),
    );
    const read = (file_id: string) => world.call("google_drive", { operation: "read_drive_file", file_id });
    expect((await read("doc")).body).toMatchObject({ result: { text: "x".repeat(50_000), truncated: true } });
    expect(await read("png")).toMatchObject({ status: 422, body: { error: { code: "unsupported_type" } } });
  });

  test("quotes in a search do not end the query of Drive", async () => {
    world.platform.answer("GET /www/drive/v3/files", json({ files: [] }));
    await world.call("google_drive", {
      operation: "search_drive_files",
      query: "it's \\' or trashed = true",
    });
    expect(world.platform.seen.at(-1)?.query["q"]).toStartWith(
      "(name contains 'it\\'s \\\\\\' or trashed = true' or",
    );
  });

  test("people are found in Federation alone where Google is not connected", async () => {
    world.platform.answer("POST /cross-dept/query", found({ id, name: "Anna" }));
    world.platform.answer("POST /oauth/google/token", () => world.platform.problem(409, "needs_consent"));
    const { body } = await world.call("contacts", { operation: "search_people", query: "anna" });
    expect(body).toEqual({
      result: { ours: [{ id, name: "Anna" }], google: [], google_status: "needs_consent" },
    });
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
    world.platform.answer("PUT /contacts", json({ inserted: 0, updated: 1 }));
    const answer = await world.call("contacts", {
      operation: "update_contact",
      contact_id: id,
      phone: "+41 1",
    });
    expect(answer.body).toEqual({ result: { kept: true, inserted: 0, updated: 1 } });
    expect(lastBody()).toEqual({ items: [{ ...contact, phone: "+41 1" }] });
  });

  test("a contact that is not there is not made by a change", async () => {
    world.platform.answer("POST /cross-dept/query", found());
    const answer = await world.call("contacts", {
      operation: "update_contact",
      contact_id: id,
      phone: "+41 1",
    });
    expect(answer).toMatchObject({ status: 422, body: { error: { code: "not_found" } } });
    expect(asked()).toEqual(["POST /cross-dept/query"]);
  });

  test("the same address twice is the same contact", async () => {
    world.platform.answer("PUT /contacts", json({ inserted: 1, updated: 0 }));
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
    expect(lastBody()).toMatchObject({
      target_department_id: world.ctx.department.id,
      query_type: queryType,
    });
  });

  test("a question finds what has any of its words, in documents and in memory", async () => {
    world.platform.answer("POST /cross-dept/query", found({ id, snippet: "vacation" }));
    world.platform.answer("GET /memory", json({ items: [] }));
    const question = "What is the vacation policy?";
    const { body } = await world.call("vector_store", { operation: "search_knowledge", query: question });
    expect(body).toEqual({
      result: { documents: [{ id, snippet: "vacation" }], memory: [], truncated: false },
    });
    expect(lastBody()).toBeUndefined();
    expect(world.platform.seen[0]?.body).toMatchObject({
      query_params: { query: "what or vacation or policy" },
    });
    expect(world.platform.seen[1]?.query).toMatchObject({ query: "what or vacation or policy" });
  });

  test("context and memory go in as they were said and come out again", async () => {
    const value = "={{ $env }} '\"";
    world.platform.answer("PUT /context", json({ type: "t", key: "k", value, expires_at: null }));
    world.platform.answer(
      "GET /context",
      json({ items: [{ type: "t", key: "k", value, expires_at: null }] }),
    );
    world.platform.answer("PUT /memory", json({ id }));
    world.platform.answer("GET /memory", json({ items: [] }));
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
    expect(lastBody()).toEqual({ category: "c", content: value, importance: 5 });
    expect((await world.call("agent_context", { operation: "search_memory" })).body).toEqual({
      result: { items: [] },
    });
  });

  test("a session's summary replaces the one it had, and names only what was said", async () => {
    world.platform.answer(
      "PUT /context",
      json({ type: "session", key: "summary", value: {}, expires_at: null }),
    );
    world.platform.answer("PUT /memory", json({ id }));
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
    expect(lastBody()).toEqual({ id, session_id: id, category: "session_summary", content: said });
  });

  test("a tool's result is handed on under a name of its own, the same for the same message", async () => {
    world.platform.answer("POST /webhooks/n8n", json({ call_id: "c1", recorded: true }));
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
    world.platform.answer("PUT /context", json({ type: "t", key: "k", value: "v", expires_at: null }));
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
  const held = z.object({ name: z.string(), nodes: z.array(z.json()), connections: z.json() });
  for (const { id: workflow, definition } of world.workflows.values()) {
    const executions = kept.parse(await world.n8n.api("GET", `/executions?workflowId=${workflow}`));
    expect(executions.data.filter(({ status }) => status !== "running")).toEqual([]);
    const { name, nodes, connections } = held.parse(await world.n8n.api("GET", `/workflows/${workflow}`));
    expect({ name, connections, count: nodes.length }).toEqual({
      name: definition.name,
      connections: definition.connections,
      count: definition.nodes.length,
    });
  }
});
