import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
});
afterAll(() => edge.close());

const put = (collection: string, body: object, department = a) =>
  edge.call("PUT", `/api/v1/departments/${department.slug}/${collection}`, { key: department.key, body });
const get = (tail: string, department = a) =>
  edge.call("GET", `/api/v1/departments/${department.slug}/${tail}`, { key: department.key });

test("each collection takes items, and takes the same again as an update", async () => {
  const at = "2030-01-01T10:00:00+01:00";
  const items = {
    documents: {
      name: "Plan",
      text: "secret plan",
      analysis: { topics: ["x", { deep: null }] },
      modified_at: at,
    },
    contacts: { name: "Ann", email: "ann@example.org" },
    emails: {
      sender: "a@example.org",
      recipients: ["b@example.org", 'c"{},\\'],
      subject: "S",
      sent_at: at,
      labels: [],
    },
    events: { title: "T", starts_at: at, ends_at: at, attendees: ["ä,b"] },
  };
  for (const [collection, item] of Object.entries(items)) {
    const body = {
      items: [
        { external_id: "1", ...item },
        { external_id: "2", ...item },
      ],
    };
    expect([collection, (await put(collection, body)).json]).toEqual([
      collection,
      { inserted: 2, updated: 0 },
    ]);
    expect([collection, (await put(collection, body)).json]).toEqual([
      collection,
      { inserted: 0, updated: 2 },
    ]);
  }
  const [email] = await edge.sql`select recipients from ${edge.sql(a.schemaName)}.email limit 1`;
  expect(email?.["recipients"]).toEqual(items.emails.recipients);
  const [document] = await edge.sql`select analysis from ${edge.sql(a.schemaName)}.document limit 1`;
  expect(document?.["analysis"]).toEqual(items.documents.analysis);
});

test("500 items are taken in one call, 501 and a doubled one are refused whole", async () => {
  const many = (count: number) => ({
    items: Array.from({ length: count }, (_, at) => ({ external_id: `m${at}`, name: "n", email: null })),
  });
  expect((await put("contacts", many(500))).json).toEqual({ inserted: 500, updated: 0 });
  expect((await put("contacts", many(501))).status).toBe(422);
  const doubled = await put("contacts", {
    items: [
      { external_id: "d", name: "1" },
      { external_id: "d", name: "2" },
    ],
  });
  expect([doubled.status, doubled.json.errors[0].path]).toEqual([422, "items"]);
});

test("data land in the own schema and nowhere else", async () => {
  await put("documents", { items: [{ external_id: "only-a", name: "A" }] });
  const [other] = await edge.sql`select count(*)::int as n from ${edge.sql(b.schemaName)}.document`;
  expect(other?.["n"]).toBe(0);
});

test("every access is on record before it happens, with counts and without content", async () => {
  const reply = await put("documents", { items: [{ external_id: "rec", name: "very secret name" }] });
  const events =
    await edge.sql`select stream, action, decision, meta from audit.event where request_id = ${reply.headers.get("x-request-id")}`;
  expect([...events]).toEqual([
    { stream: a.id, action: "document.upsert", decision: "allowed", meta: '{"items":1}' },
  ]);
});

test("an access that fails is on record as failed", async () => {
  const reply = await put("memory", { category: "c", content: "x", session_id: Bun.randomUUIDv7() });
  expect([reply.status, reply.json.code]).toEqual([422, "unknown_session"]);
  const id = reply.headers.get("x-request-id");
  const events = await edge.sql`select decision from audit.event where request_id = ${id} order by seq`;
  expect(events.map((event) => event["decision"])).toEqual(["allowed", "failed"]);
});

test("a department that is not active takes and gives nothing", async () => {
  const asleep = await edge.addDepartment({ status: "suspended" });
  const reply = await put("contacts", { items: [{ external_id: "1", name: "n" }] }, asleep);
  expect([reply.status, reply.json.code]).toEqual([409, "department_not_ready"]);
});

test("memories are found by words, else by importance, and replaced by id", async () => {
  const tea = await put("memory", { category: "people", content: "Ann likes tea", importance: 3 });
  await put("memory", { category: "people", content: "Bob likes coffee", importance: 9 });
  const contents = async (tail: string, department = a) =>
    (await get(`memory?${tail}`, department)).json.items.map((item: { content: string }) => item.content);
  expect(await contents("query=tea")).toEqual(["Ann likes tea"]);
  expect(await contents("limit=1")).toEqual(["Bob likes coffee"]);
  await put("memory", { id: tea.json.id, category: "people", content: "Ann likes cocoa" });
  expect(await contents("query=tea")).toEqual([]);
  expect(await contents("category=none")).toEqual([]);
  expect(await contents("query=cocoa", b)).toEqual([]);
});

test("context is kept for a session, or for none, until it expires", async () => {
  const session = `session_id=${Bun.randomUUIDv7()}`;
  const keep = (query: string, body: object) => put(`context?${query}`, body);
  const read = async (query: string) => (await get(`context?${query}`)).json.items;
  expect((await keep(`${session}&type=user&key=mood`, { value: { good: true } })).status).toBe(200);
  expect((await keep(`${session}&type=user&key=nothing`, { value: null })).json.value).toBe(null);
  expect(
    (await keep(`${session}&type=task&key=gone`, { value: 1, ttl_seconds: 1 })).json.expires_at,
  ).toBeString();
  await keep("type=user&key=mood", { value: "shared" });
  await edge.sql`update ${edge.sql(a.schemaName)}.session_context set expires_at = now() where key = 'gone'`;
  expect(await read(session)).toEqual([
    { type: "user", key: "mood", value: { good: true }, expires_at: null },
    { type: "user", key: "nothing", value: null, expires_at: null },
  ]);
  expect(await read(`${session}&type=task`)).toEqual([]);
  expect(await read("type=user&key=mood")).toMatchObject([{ value: "shared" }]);
  expect((await keep("type=user&key=mood", {})).status).toBe(422);
});
