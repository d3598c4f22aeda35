import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  const body = { items: [{ external_id: "1", name: "Budget", text: "the budget of B" }] };
  await edge.call("PUT", `/api/v1/departments/${b.slug}/documents`, { key: b.key, body });
});
afterAll(() => edge.close());

const question = (target: string, change: object = {}) => ({
  target_department_id: target,
  query_type: "search_documents",
  query_params: { query: "budget" },
  reason: "a test asks",
  ...change,
});
const ask = (from: TestDepartment, body: object) =>
  edge.call("POST", "/api/v1/cross-dept/query", { key: from.key, body });
const grant = (source: TestDepartment, target: TestDepartment) => edge.sql`
  insert into federation.access_grant (id, source, target, permission, resource, status, requested_by, approved_by, reason, expires_at)
  values (${Bun.randomUUIDv7()}, ${source.id}, ${target.id}, 'search', 'documents', 'approved', 'x', 'y', 'test', now() + interval '1 hour')`;

test("a question to oneself needs no grant", async () => {
  const reply = await ask(b, question(b.slug));
  expect(reply.json).toMatchObject({ success: true, results_count: 1, truncated: false });
  expect(reply.json.results[0].name).toBe("Budget");
  expect(reply.headers.get("ratelimit-policy")).toBe('"department";q=100;w=60, "key";q=100;w=60');
  expect(reply.headers.get("ratelimit")).toMatch(/^"department";r=\d\d;t=\d+$/);
});

test("without a grant it is 403, in the same words for a target that does not exist", async () => {
  const answers = await Promise.all(
    [b.slug, b.id, "nobody-here", Bun.randomUUIDv7()].map((target) => ask(a, question(target))),
  );
  const bodies = answers.map(({ status, json }) => JSON.stringify({ status, ...json, request_id: "" }));
  expect([answers[0]?.status, answers[0]?.json.code]).toEqual([403, "no_grant"]);
  expect(new Set(bodies).size).toBe(1);
});

test("a grant opens exactly what it names, and its end closes it", async () => {
  await grant(a, b);
  const allowed = await ask(a, question(b.slug));
  expect(allowed.json.results[0].name).toBe("Budget");
  const more = question(b.slug, { query_type: "search_contacts", query_params: { query: "x" } });
  expect((await ask(a, more)).status).toBe(403);
  expect((await ask(b, question(a.slug))).status).toBe(403);
  await edge.sql`update federation.access_grant set status = 'revoked' where source = ${a.id}`;
  expect((await ask(a, question(b.slug))).status).toBe(403);
});

test("the question is on record under its query id", async () => {
  const reply = await ask(b, question(b.slug));
  const [event] =
    await edge.sql`select stream, action, decision, reason from audit.event where request_id = ${reply.json.query_id}`;
  expect(event).toEqual({
    stream: b.id,
    action: "gateway.search_documents",
    decision: "allowed",
    reason: "a test asks",
  });
});

test("the limit counts exactly, and says when to come back", async () => {
  const busy = await edge.addDepartment();
  await edge.sql`update federation.department set query_limit = 5, query_window_seconds = 3600 where id = ${busy.id}`;
  const replies = await Promise.all(Array.from({ length: 12 }, () => ask(busy, question(busy.slug))));
  expect(replies.filter((reply) => reply.status === 200)).toHaveLength(5);
  const limited = replies.filter((reply) => reply.status === 429);
  expect(limited).toHaveLength(7);
  expect(limited[0]?.json.code).toBe("rate_limited");
  expect(Number(limited[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(limited[0]?.headers.get("ratelimit-policy")).toBe('"department";q=5;w=3600, "key";q=100;w=60');
  expect(limited[0]?.headers.get("ratelimit")).toMatch(/^"department";r=0;t=\d+$/);
});

test("a flood of one department is told to come back while another one is answered", async () => {
  const [flooding, calm] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  await edge.sql`update federation.rate_policy set hits = 1000 where kind = 'key'`;
  const flood = Array.from({ length: 200 }, () => ask(flooding, question(flooding.slug)));
  const other = await ask(calm, question(calm.slug));
  expect(other.status).toBe(200);
  const busy = (await Promise.all(flood)).filter(({ status }) => status === 503);
  expect(busy.length).toBeGreaterThan(0);
  expect([busy[0]?.json.code, busy[0]?.headers.get("retry-after")]).toEqual(["busy", "2"]);
  await edge.sql`update federation.rate_policy set hits = 100 where kind = 'key'`;
});

test("who belongs to no department has nobody to ask as", async () => {
  const reply = await edge.call("POST", "/api/v1/cross-dept/query", {
    key: edge.adminKey,
    body: question(b.slug),
  });
  expect([reply.status, reply.json.code]).toEqual([403, "not_a_department"]);
});

describe("every kind of question answers about oneself:", () => {
  const kinds: Record<string, object> = {
    search_documents: { query: 'budget -x "quoted', limit: 3, offset: 1, folder: "f" },
    get_document: { id: Bun.randomUUIDv7(), text_offset: 0 },
    search_contacts: { email: "ann@example.org" },
    get_contact: { id: Bun.randomUUIDv7() },
    search_emails: {
      query: "x",
      from: "2020-01-01T00:00:00Z",
      until: "2031-01-01T00:00:00+02:00",
      sender: "s",
    },
    list_events: { from: "2020-01-01T00:00:00Z", after_id: Bun.randomUUIDv7(), limit: 1 },
    aggregate_documents: { group_by: "month" },
    aggregate_activity: { bucket: "week" },
  };
  test.each(Object.entries(kinds).map(([query_type, query_params]) => ({ query_type, query_params })))(
    "$query_type",
    async (kind) => {
      const reply = await ask(b, question(b.slug, kind));
      expect([reply.status, reply.json.success]).toEqual([200, true]);
    },
  );
});

describe("parameters are checked by the kind of question:", () => {
  const bad: [query_type: string, query_params: object][] = [
    ["search_documents", {}],
    ["search_documents", { query: "x", schema: "t_other" }],
    ["search_documents", { query: "x", limit: 51 }],
    ["search_documents", { query: "a ".repeat(51) }],
    ["search_contacts", {}],
    ["search_contacts", { query: "x", email: "y" }],
    ["get_document", { id: "1" }],
    ["list_events", { from: "yesterday" }],
    ["aggregate_documents", { group_by: "text" }],
    ["drop_schema", {}],
  ];
  test.each(bad.map(([query_type, query_params]) => ({ query_type, query_params })))(
    "$query_type $query_params",
    async (kind) => {
      expect((await ask(b, question(b.slug, kind))).status).toBe(422);
    },
  );
});
