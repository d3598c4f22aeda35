import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createFirstAdmin } from "../../src/members/create-first-admin.ts";
import { roleScopes, type Scope, scopes } from "../../src/members/scopes.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
});
afterAll(() => edge.close());

const add = (key: string, body: object) => edge.call("POST", "/api/v1/members", { key, body });
const mint = (key: string, body: object) =>
  edge.call("POST", "/api/v1/api-keys", {
    key,
    body: { name: "k", scopes: ["departments:read"], expires_in_days: 30, ...body },
  });

test("the first admin is made once, however many processes start at the same time", async () => {
  const sql = edge.deps.db.app;
  await Promise.all(Array.from({ length: 8 }, () => sql`select pg_sleep(0.1)`));
  await edge.sql`update federation.member set disabled_at = now() where role = 'admin'`;
  const made = await Promise.all(
    Array.from({ length: 8 }, (_, at) =>
      createFirstAdmin(sql, { environment: "development", email: `root${at}@example.org` }),
    ),
  );
  const first = made.filter((one) => one !== undefined);
  expect(first).toHaveLength(1);
  expect(String(first[0]?.key)).toBe("[secret]");
  const reply = await edge.call("GET", "/api/v1/departments", { key: first[0]?.key.reveal() });
  expect(reply.status).toBe(200);
  await edge.sql`update federation.member set disabled_at = null where id = ${edge.adminId}`;
});

test("a person is added once per address, whatever the case, and it is on record", async () => {
  const reply = await add(edge.adminKey, { email: "Op@Example.org", role: "operator" });
  expect(reply.json).toMatchObject({ email: "op@example.org", role: "operator", department_id: null });
  const again = await add(edge.adminKey, { email: "op@example.org", role: "auditor" });
  expect([again.status, again.json.code]).toEqual([409, "member_exists"]);
  const [event] =
    await edge.sql`select action, decision, target from audit.event where request_id = ${reply.headers.get("x-request-id")}`;
  expect(event).toEqual({ action: "member.create", decision: "done", target: reply.json.id });
});

test("a department admin needs a department, and only they have one", async () => {
  const without = await add(edge.adminKey, { email: "d1@example.org", role: "department_admin" });
  const needless = await add(edge.adminKey, {
    email: "d2@example.org",
    role: "operator",
    department_id: a.slug,
  });
  expect([without.status, needless.status]).toEqual([422, 422]);
  const right = await add(edge.adminKey, {
    email: "d3@example.org",
    role: "department_admin",
    department_id: a.slug,
  });
  expect(right.json.department_id).toBe(a.slug);
});

describe("nobody gives a role above their own:", () => {
  const table: [role: string, gives: string, status: number][] = [
    ["operator", "admin", 403],
    ["operator", "operator", 403],
    ["operator", "auditor", 403],
    ["department_admin", "admin", 403],
    ["department_admin", "operator", 403],
  ];
  test.each(table)("%s → %s is %i", async (role, gives, status) => {
    const { key } = await edge.addMember(role, scopes, role === "department_admin" ? a.id : null);
    expect((await add(key, { email: `${crypto.randomUUID()}@example.org`, role: gives })).status).toBe(
      status,
    );
  });
});

test("a department admin adds people to the own department only", async () => {
  const { key } = await edge.addMember("department_admin", scopes, a.id);
  const own = await add(key, { email: "own@example.org", role: "department_admin", department_id: a.id });
  const other = await add(key, { email: "other@example.org", role: "department_admin", department_id: b.id });
  expect([own.status, other.status]).toEqual([201, 404]);
});

test("a key is shown once; the list never shows it", async () => {
  const minted = await mint(edge.adminKey, {});
  expect(minted.json.key).toMatch(/^fed_dev_/);
  const list = await edge.call("GET", "/api/v1/api-keys?limit=200", { key: edge.adminKey });
  expect(list.json.items.map((item: { id: string }) => item.id)).toContain(minted.json.id);
  expect(list.text).not.toContain(minted.json.key);
  const [stored] =
    await edge.sql`select to_jsonb(c)::text as row from federation.api_client c where id = ${minted.json.id}`;
  expect(stored?.["row"]).not.toContain(minted.json.key.split("_")[3]);
  expect((await edge.call("GET", "/api/v1/departments", { key: minted.json.key })).status).toBe(200);
});

describe("a key never holds more than its maker or its owner may:", () => {
  const cases: {
    name: string;
    role: string;
    holds: readonly Scope[];
    wants: Scope[];
    department?: boolean;
    status: number;
  }[] = [
    {
      name: "a scope the maker's key lacks",
      role: "admin",
      holds: ["keys:write"],
      wants: ["runs:write"],
      status: 403,
    },
    {
      name: "a scope the maker's role lacks",
      role: "operator",
      holds: scopes,
      wants: ["audit:read"],
      status: 403,
    },
    {
      name: "a platform scope for a department",
      role: "admin",
      holds: scopes,
      wants: ["runs:write"],
      department: true,
      status: 403,
    },
    {
      name: "what both may",
      role: "operator",
      holds: scopes,
      wants: ["query"],
      department: true,
      status: 201,
    },
  ];
  test.each(cases)("$name → $status", async ({ role, holds, wants, department, status }) => {
    const { key } = await edge.addMember(role, holds);
    expect((await mint(key, { scopes: wants, ...(department && { department_id: a.slug }) })).status).toBe(
      status,
    );
  });
});

test("an operator cannot get hold of an admin's scopes by a key of theirs", async () => {
  const { key } = await edge.addMember("operator", scopes);
  const minted = await mint(key, { member_id: edge.adminId });
  expect([minted.status, minted.json.code]).toEqual([404, "not_found"]);
});

test("an operator cannot end an admin's key", async () => {
  const { key } = await edge.addMember("operator", scopes);
  const [row] =
    await edge.sql`select id from federation.api_client where member_id = ${edge.adminId} limit 1`;
  const reply = await edge.call("DELETE", `/api/v1/api-keys/${row?.["id"]}`, { key });
  expect([reply.status, reply.json.code]).toEqual([403, "role_not_yours"]);
});

test("expiry is mandatory and at most a year", async () => {
  for (const days of [undefined, 0, 366, 1.5]) {
    expect((await mint(edge.adminKey, { expires_in_days: days })).status).toBe(422);
  }
});

test("a person who is disabled, or loses a role, loses it in every key", async () => {
  const { id, key } = await edge.addMember("operator", ["runs:write", "departments:read"]);
  await edge.sql`update federation.member set role = 'auditor' where id = ${id}`;
  expect((await edge.call("POST", `/api/v1/runs/${Bun.randomUUIDv7()}/cancel`, { key })).status).toBe(403);
  await edge.sql`update federation.member set disabled_at = now() where id = ${id}`;
  await Bun.sleep(1000);
  expect((await edge.call("GET", "/api/v1/departments", { key })).status).toBe(401);
});

test("no role but admin holds every scope", () => {
  const full = Object.entries(roleScopes).filter(([, list]) => list.length === scopes.length);
  expect(full.map(([role]) => role)).toEqual(["admin"]);
});
