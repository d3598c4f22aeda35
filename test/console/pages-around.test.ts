import { afterAll, beforeAll, expect, test } from "bun:test";
import { actions, pages } from "../../src/console/pages/pages.ts";
import { roleScopes } from "../../src/members/scopes.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";
import { signedIn } from "./browser.ts";

type Visitor = Awaited<ReturnType<typeof signedIn>>;

let edge: Edge;
let [a, b, c]: TestDepartment[] = [];
let admin: Visitor;
let adminOfA: Visitor;
let adminOfB: Visitor;
let auditor: Visitor;
beforeAll(async () => {
  edge = await testEdge();
  [a, b, c] = [await edge.addDepartment(), await edge.addDepartment(), await edge.addDepartment()];
  admin = await signedIn(edge, edge.adminKey);
  adminOfA = await signedIn(edge, (await adminOf(a)).key);
  adminOfB = await signedIn(edge, (await adminOf(b)).key);
  auditor = await signedIn(edge, (await edge.addMember("auditor", roleScopes.auditor)).key);
});
afterAll(() => edge.close());

const adminOf = (department: TestDepartment | undefined) =>
  edge.addMember("department_admin", roleScopes.department_admin, department?.id);
const pathOf = (path: string, id = Bun.randomUUIDv7()) => path.replace(":id", id);

/** A request of its own: a repeat would answer the one that is open. */
async function requestGrant(reason: string): Promise<string> {
  await edge.sql`delete from federation.access_grant where source = ${a?.id ?? ""} and status = 'requested'`;
  const fields = { target: b?.slug ?? "", permission: "read", resource: "documents", reason, days: "9" };
  expect((await adminOfA.post("/grants", fields)).status).toBe(303);
  const [grant] = await edge.sql<{ id: string }[]>`
    select id from federation.access_grant where source = ${a?.id ?? ""} and status = 'requested' and reason = ${reason}`;
  if (!grant) throw new Error("the request is not there");
  return grant.id;
}

test("no action is taken without the session's own form token", async () => {
  for (const { path } of actions) {
    const reply = await admin.post(pathOf(path), { form_token: "another", confirmed: "yes" });
    expect([path, reply.status]).toEqual([path, 403]);
  }
});

test("who is not signed in is sent to sign in by every page and action", async () => {
  for (const { path } of pages)
    expect((await edge.app.request(pathOf(path))).headers.get("location")).toStartWith("/sign-in");
});

test("what destroys asks first, and says the command, and has changed nothing by then", async () => {
  const before = await edge.sql`select count(*)::int as events from audit.event where decision = 'done'`;
  const asking = actions.filter((action) => action.question);
  expect(asking.length).toBeGreaterThan(8);
  for (const { path } of asking) {
    const reply = await admin.post(pathOf(path), { reason: "because" });
    const text = await reply.text();
    expect([path, reply.status]).toEqual([path, 200]);
    expect(text).toContain('name="confirmed" value="yes"');
    expect(text).toMatch(/<code>(fed |DELETE |PUT )/);
  }
  expect(await edge.sql`select count(*)::int as events from audit.event where decision = 'done'`).toEqual(
    before,
  );
});

test("a department's admin opens what is theirs, and nothing of the platform", async () => {
  for (const { path, access } of pages) {
    if (path.includes(":id") || path === "/audit/export") continue;
    const { status } = await adminOfA.get(path);
    const isOpen = access.callers === "own" && roleScopes.department_admin.includes(access.scope);
    expect([path, status]).toEqual([path, isOpen ? 200 : 403]);
  }
});

test("an auditor reads the audit and sees no form that changes anything", async () => {
  expect((await auditor.get("/audit")).status).toBe(200);
  expect((await auditor.get("/members")).status).toBe(403);
  expect(await auditor.page("/limits")).not.toContain('action="/limits');
  expect((await auditor.post("/limits/pair", { hits: "1", window_seconds: "1" })).status).toBe(403);
});

test("another department's grant, endpoint, delivery and member are not there", async () => {
  const id = await requestGrant("secret plan");
  const adminOfC = await signedIn(edge, (await adminOf(c)).key);
  expect(await adminOfC.page("/grants")).not.toContain("secret plan");
  const reply = await adminOfC.post(`/grants/${id}/revoke`, { reason: "no", confirmed: "yes" });
  expect(reply.status).toBe(404);
  await adminOfA.post("/webhooks", { url: "https://example.org/a" });
  const [endpoint] = await edge.sql<{ id: string }[]>`
    select id from federation.webhook_endpoint where url = 'https://example.org/a'`;
  expect((await adminOfA.get(`/webhooks/${endpoint?.id}`)).status).toBe(200);
  expect((await adminOfC.get(`/webhooks/${endpoint?.id}`)).status).toBe(404);
  expect((await adminOfC.post(`/webhooks/${endpoint?.id}/remove`, { confirmed: "yes" })).status).toBe(404);
  const member = (await adminOf(b)).id;
  expect((await adminOfC.post(`/members/${member}/disable`, { confirmed: "yes" })).status).toBe(404);
});

test("an endpoint in Slack's format is added and switched off and on, and no page shows its URL", async () => {
  const url = "https://hooks.example.org/services/T01/verysecretword";
  expect((await admin.post("/webhooks", { url, format: "slack", description: "ops" })).status).toBe(303);
  const [endpoint] = await edge.sql<{ id: string }[]>`
    select id from federation.webhook_endpoint where format = 'slack'`;
  for (const to of ["off", "on"]) {
    expect((await admin.post(`/webhooks/${endpoint?.id}/${to}`, { confirmed: "yes" })).status).toBe(303);
    const [{ status } = {}] =
      await edge.sql`select status from federation.webhook_endpoint where id = ${endpoint?.id ?? ""}`;
    expect(status).toBe(to === "on" ? "active" : "off");
  }
  const pages = [await admin.page("/webhooks"), await admin.page(`/webhooks/${endpoint?.id}`)];
  for (const page of pages) expect(page).toContain("https://hooks.example.org/…");
  expect(pages.join("")).not.toContain("verysecretword");
});

test("an id that is none is nowhere", async () => {
  for (const { path } of actions.filter((action) => action.path.includes(":id"))) {
    const reply = await admin.post(pathOf(path, "NO-ID"), {
      confirmed: "yes",
      reason: "x",
      hits: "1",
      window_seconds: "1",
    });
    expect([path, reply.status]).toEqual([path, 404]);
  }
});

test("who asks for a grant is offered no approval, the target is, and approves it", async () => {
  const id = await requestGrant("offer");
  expect(await adminOfA.page("/grants")).not.toContain(`/grants/${id}/approve`);
  expect(await adminOfB.page("/grants")).toContain(`/grants/${id}/approve`);
  expect((await adminOfA.post(`/grants/${id}/approve`)).status).toBe(403);
  expect((await adminOfB.post(`/grants/${id}/approve`, { days: "2" })).status).toBe(303);
  expect(await edge.sql`select status from federation.access_grant where id = ${id}`).toMatchObject([
    { status: "approved" },
  ]);
});

test("hostile names stay text", async () => {
  const hostile = `"><script>alert(1)</script>`;
  await requestGrant(hostile);
  for (const path of ["/grants", `/grants?department_id=${encodeURIComponent(hostile)}`, "/audit"])
    expect(await adminOfB.page(path)).not.toContain("<script>alert");
  expect(await adminOfB.page("/grants")).toContain("&lt;script&gt;");
});

test("a filter that is none of ours is refused, not an error of ours", async () => {
  for (const path of [
    "/grants?status=x",
    "/approvals?status=x",
    "/audit?decision=x",
    "/audit?cursor=x",
    "/keys?cursor=x",
  ])
    expect([400, 422]).toContain((await admin.get(path)).status);
});

test("a full page of every list stays below 100 KB", async () => {
  const [asker] = await edge.sql<{ id: string }[]>`select id from federation.member limit 1`;
  for (let n = 0; n < 120; n++) {
    await edge.sql`insert into federation.access_grant (id, source, target, target_name, permission, resource, status,
        requested_by, reason, expires_in_days, expires_at)
      values (${Bun.randomUUIDv7()}, ${a?.id ?? ""}, null, ${`ghost-${n}`}, 'read', 'documents', 'requested',
        ${asker?.id ?? ""}, ${"why ".repeat(20)}, 9, now() + interval '9 days')`;
    await edge.addMember("operator", ["departments:read"]);
  }
  for (const { path } of pages) {
    if (path.includes(":id") || path === "/audit/export") continue;
    const bytes = (await (await admin.get(path)).arrayBuffer()).byteLength;
    expect({ path, isLight: bytes < 100 * 1024, bytes }).toEqual({ path, isLight: true, bytes });
  }
});
