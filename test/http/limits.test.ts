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

const ask = (from: TestDepartment, to: TestDepartment) =>
  edge.call("POST", "/api/v1/cross-dept/query", {
    key: from.key,
    body: {
      target_department_id: to.slug,
      query_type: "list_events",
      query_params: {},
      reason: "a test asks",
    },
  });
const statuses = async (count: number, from: TestDepartment, to: TestDepartment) =>
  (await Promise.all(Array.from({ length: count }, () => ask(from, to)))).map(({ status }) => status);
const set = (kind: string, hits: number) =>
  edge.call("PUT", `/api/v1/limits/${kind}`, { key: edge.adminKey, body: { hits, window_seconds: 3600 } });
const grant = (from: TestDepartment, to: TestDepartment, limit: number | null) => edge.sql`
  insert into federation.access_grant (id, source, target, permission, resource, status, requested_by, approved_by, reason,
    expires_at, query_limit, query_window_seconds)
  values (${Bun.randomUUIDv7()}, ${from.id}, ${to.id}, 'read', '*', 'approved', 'a', 'b', 'test', now() + interval '1 hour',
    ${limit}, ${limit && 3600})`;

test("an installation starts with the limits of its environment, and shows them", async () => {
  const { json } = await edge.call("GET", "/api/v1/limits", { key: edge.adminKey });
  expect(json.items).toContainEqual({ kind: "pair", hits: 100, window_seconds: 60 });
  expect(json.items.map(({ kind }: { kind: string }) => kind)).toEqual([
    "address",
    "department",
    "key",
    "login",
    "pair",
  ]);
});

test("a changed limit counts at once and is on record once", async () => {
  expect((await set("pair", 4)).status).toBe(200);
  await set("pair", 4);
  const events = await edge.sql`select meta from audit.event where action = 'limit.set' and target = 'pair'`;
  expect([...events]).toEqual([{ meta: '{"hits":4,"window_seconds":3600}' }]);
  await grant(a, b, null);
  const seen = await statuses(6, a, b);
  expect(seen.filter((status) => status === 200)).toHaveLength(4);
  expect(await statuses(6, a, a)).toEqual(Array(6).fill(200));
});

test("a grant's own limit takes the place of the pair's", async () => {
  const [c, d] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  await grant(c, d, 2);
  const replies = await Promise.all(Array.from({ length: 5 }, () => ask(c, d)));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(2);
  expect(replies.find(({ status }) => status === 429)?.headers.get("ratelimit-policy")).toStartWith(
    '"pair";q=2;w=3600',
  );
});

test("each key of a department has its own limit", async () => {
  const c = await edge.addDepartment();
  await set("key", 3);
  expect((await statuses(5, c, c)).filter((status) => status === 200)).toHaveLength(3);
  const other = await edge.addMember("department_admin", ["query"], c.id);
  expect((await ask({ ...c, key: other.key }, c)).status).toBe(200);
  await set("key", 100);
});

test("provisioning is limited where the environment says so; the same body again does not count", async () => {
  await set("provision", 2);
  const provision = (slug: string) =>
    edge.call("POST", "/api/v1/provision-department", {
      key: edge.adminKey,
      body: {
        department_id: slug,
        department_name: "P",
        enabled_tools: ["email"],
        admin_email: "a@example.org",
      },
    });
  expect((await provision("p-one")).status).toBe(202);
  expect((await provision("p-one")).status).toBe(202);
  expect((await provision("p-two")).status).toBe(202);
  const third = await provision("p-three");
  expect([third.status, third.json.code]).toEqual([429, "rate_limited"]);
  expect(await edge.sql`select from federation.department where slug = 'p-three'`).toHaveLength(0);
});

test("a limit that does not exist is 404, and nobody but the platform sets one", async () => {
  expect((await set("everything", 1)).status).toBe(404);
  const reply = await edge.call("PUT", "/api/v1/limits/pair", {
    key: a.key,
    body: { hits: 1, window_seconds: 1 },
  });
  expect(reply.status).toBe(403);
});

test("without any limit set questions are answered", async () => {
  const kept = await edge.sql`delete from federation.rate_policy returning kind, hits, window_seconds`;
  expect((await statuses(3, a, a)).every((status) => status === 200)).toBe(true);
  await edge.sql`insert into federation.rate_policy ${edge.sql(kept.map((row) => ({ ...row })))}`;
});
