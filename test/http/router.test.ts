import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createApp } from "../../src/app.ts";
import { authorization } from "../../src/http/authorization.ts";
import { documentedRoutes } from "../../src/http/openapi.ts";
import { agentScopes, scopes } from "../../src/members/scopes.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";
import { bodies, knownSession } from "./object-names.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  await edge.sql`
    insert into ${edge.sql(a.schemaName)}.session (id, room, participant) values (${knownSession}, 'r', 'p')`;
});
afterAll(() => edge.close());

const routesOf = () => [
  ...new Set(
    edge.app.routes.filter((route) => route.method !== "ALL").map((route) => `${route.method} ${route.path}`),
  ),
];
const guarded = Object.entries(authorization).filter(([, access]) => access.callers !== "anyone");
const send = (route: string, id: string, key?: string) => {
  const [method = "", path = ""] = route.split(" ");
  const body = method === "GET" ? undefined : (bodies[route.split("?")[0] ?? ""] ?? {});
  const address = path.replace(/:[a-z_]+/, id).replace(/:session_id/, knownSession);
  return edge.call(method, address, { key, body });
};

test("every route has a row in the authorization matrix, and every row a route", () => {
  expect(routesOf().sort()).toEqual(Object.keys(authorization).sort());
});

test("every route is in the reference", () => {
  const documented = documentedRoutes(edge.app).map(({ method, path }) => `${method} ${path}`);
  expect(documented.sort()).toEqual(routesOf().sort());
});

test("a route without a row is refused", async () => {
  const app = createApp(edge.deps).get("/forgotten", (c) => c.text("secret"));
  const reply = await app.request("/forgotten", { headers: { authorization: `Bearer ${edge.adminKey}` } });
  expect([reply.status, (await reply.text()).includes("secret")]).toEqual([403, false]);
});

describe("without credentials 401:", () => {
  test.each(guarded.map(([route]) => route))("%s", async (route) => {
    const reply = await send(route, Bun.randomUUIDv7());
    expect([reply.status, reply.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="federation"']);
  });
});

describe("with every scope but the one it needs 403:", () => {
  const scoped = guarded.filter(([, access]) => access.scope !== undefined);
  test.each(scoped.map(([route, access]) => ({ route, scope: access.scope })))(
    "$route",
    async ({ route, scope }) => {
      const { key } = await edge.addMember(
        "admin",
        scopes.filter((other) => other !== scope),
      );
      const reply = await send(route, a.id, key);
      expect([reply.status, reply.json.code]).toEqual([403, "insufficient_scope"]);
    },
  );
});

describe("a department, though it holds every scope it may have, gets 403 where only the platform may:", () => {
  const platform = guarded.filter(([, access]) => access.callers === "platform").map(([route]) => route);
  test.each(platform)("%s", async (route) => {
    expect((await send(route, a.id, a.key)).status).toBe(403);
  });
});

describe("another department's object is the same 404 as one that never was:", () => {
  const own = guarded.map(([route]) => route).filter((route) => /departments\/:id/.test(route));
  // With the agent's key; what only people may do is in other-department.test.ts.
  const reachable = own.filter((route) => {
    const access = authorization[route];
    return access?.callers !== "platform" && (agentScopes as readonly string[]).includes(access?.scope ?? "");
  });
  test.each(reachable)("%s", async (route) => {
    const tail = /PUT .*context/.test(route) ? "?type=t&key=k" : "";
    const at = (id: string) =>
      send(route.replace(/$/, tail), id, a.key).then(({ status, json }) => ({ status, json }));
    const bare = (reply: { status: number; json: { request_id?: string } }) => ({
      ...reply,
      json: { ...reply.json, request_id: "" },
    });
    const missing = bare(await at(Bun.randomUUIDv7()));
    expect(missing.status).toBe(404);
    expect(bare(await at(b.id))).toEqual(missing);
    expect(bare(await at(b.slug))).toEqual(missing);
    expect((await at(a.id)).status).toBeLessThan(300);
    expect((await at(a.slug)).status).toBeLessThan(300);
  });
});

test("a department cannot see another one's run", async () => {
  const body = {
    department_id: "other",
    department_name: "Other",
    enabled_tools: ["email"],
    admin_email: "o@example.org",
  };
  const { json } = await edge.call("POST", "/api/v1/provision-department", { key: edge.adminKey, body });
  for (const tail of ["", "/events"]) {
    const reply = await edge.call("GET", `/api/v1/provision-status/${json.provisioning_id}${tail}`, {
      key: a.key,
    });
    expect([reply.status, reply.json.code]).toEqual([404, "not_found"]);
  }
});

test("lists show a department itself only", async () => {
  const { key } = await edge.addMember(
    "department_admin",
    ["departments:read", "members:read", "keys:read"],
    a.id,
  );
  const list = await edge.call("GET", "/api/v1/departments", { key });
  expect(list.json.items.map((item: { id: string }) => item.id)).toEqual([a.id]);
  const members = await edge.call("GET", "/api/v1/members", { key });
  expect(members.json.items.map((item: { department_id: string }) => item.department_id)).toEqual([a.slug]);
  const keys = await edge.call("GET", "/api/v1/api-keys", { key });
  expect(
    keys.json.items
      .map((item: { department: string | null }) => item.department)
      .filter((id: string | null) => id && id !== a.id),
  ).toEqual([]);
  expect((await edge.call("GET", `/api/v1/api-keys?department_id=${b.slug}`, { key })).status).toBe(404);
});

test("answers carry the security headers", async () => {
  for (const path of ["/healthz", "/api/v1/departments", "/nowhere", "/docs"]) {
    const { headers } = await edge.call("GET", path, { key: edge.adminKey });
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  }
});
