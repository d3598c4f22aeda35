import { afterAll, beforeAll, expect, test } from "bun:test";
import { changesBetween } from "../../src/departments/config/diff.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let a: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  a = await edge.addDepartment();
});
afterAll(() => edge.close());

const first = { department_name: "Test", enabled_tools: ["email"], admin_email: "a@example.org" };
const get = (tail = "", id = a.slug) =>
  edge.call("GET", `/api/v1/departments/${id}/config${tail}`, { key: edge.adminKey });
const put = (expected_version: number, config: object, id = a.slug) =>
  edge.call("PUT", `/api/v1/departments/${id}/config`, {
    key: edge.adminKey,
    body: { expected_version, config },
  });

test("a change makes a new version, says what differs, and is on record", async () => {
  const config = {
    ...first,
    enabled_tools: ["email", "calendar"],
    custom_config: { voice: "alto", limits: { queries_per_minute: 5 } },
  };
  const stored = await put(1, config);
  expect(stored.json).toEqual({
    department_id: a.slug,
    version: 2,
    changes: [
      { path: "custom_config.limits.queries_per_minute", change: "added", to: 5 },
      { path: "custom_config.voice", change: "added", to: "alto" },
      { path: "enabled_tools", change: "changed", from: ["email"], to: ["email", "calendar"] },
    ],
  });
  expect((await get()).json).toMatchObject({ version: 2, config: { ...config, host: "local" } });
  const [department] = await edge.sql`select query_limit from federation.department where id = ${a.id}`;
  expect(department?.["query_limit"]).toBe(5);
  const [event] =
    await edge.sql`select action, stream from audit.event where request_id = ${stored.headers.get("x-request-id")}`;
  expect(event).toEqual({ action: "config.put", stream: a.id });
});

test("of two changes to the same version one is refused", async () => {
  const b = await edge.addDepartment();
  const replies = await Promise.all([
    put(1, { ...first, department_name: "One" }, b.slug),
    put(1, { ...first, department_name: "Two" }, b.slug),
  ]);
  expect(replies.map((reply) => reply.status).sort()).toEqual([200, 409]);
  expect((await get("/versions", b.slug)).json.items).toHaveLength(2);
});

test("host and region are not changed by a definition", async () => {
  const reply = await put(2, { ...first, host: "docker" });
  expect([reply.status, reply.json.code]).toEqual([409, "host_is_fixed"]);
});

test("an earlier version comes back as a new one", async () => {
  const back = await edge.call("POST", `/api/v1/departments/${a.slug}/config/rollback`, {
    key: edge.adminKey,
    body: { to_version: 1, expected_version: 2 },
  });
  expect(back.json.version).toBe(3);
  expect((await get("/diff?from=1&to=3")).json.changes).toEqual([]);
  expect((await get("/diff")).json).toMatchObject({ from: 2, to: 3 });
  expect(
    (await get("/versions?limit=2")).json.items.map((item: { version: number }) => item.version),
  ).toEqual([3, 2]);
  expect(
    (await get("/versions?before=2")).json.items.map((item: { version: number }) => item.version),
  ).toEqual([1]);
});

test("a version that never was is 404", async () => {
  expect((await get("/diff?from=1&to=99")).status).toBe(404);
});

test("a diff sees added, removed and changed leaves, and takes a list as one value", () => {
  expect(changesBetween({ a: 1, b: { c: [1], d: 2 } }, { a: 2, b: { c: [1, 2] }, e: null })).toEqual([
    { path: "a", change: "changed", from: 1, to: 2 },
    { path: "b.c", change: "changed", from: [1], to: [1, 2] },
    { path: "b.d", change: "removed", from: 2 },
    { path: "e", change: "added", to: null },
  ]);
});
