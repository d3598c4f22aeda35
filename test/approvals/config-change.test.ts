import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createApp } from "../../src/app.ts";
import { roleScopes } from "../../src/members/scopes.ts";
import { signedIn } from "../console/browser.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

let edge: Edge;
let strict: Edge;
let asker: { id: string; key: string };
let second: { id: string; key: string };
let department: TestDepartment;

beforeAll(async () => {
  edge = await testEdge();
  const config = { ...edge.deps.config, fourEyes: ["config-change" as const] };
  strict = { ...edge, app: createApp({ ...edge.deps, config }) };
  asker = await edge.addMember("operator", roleScopes.operator);
  second = await edge.addMember("admin", roleScopes.admin);
});
afterAll(() => edge.close());
beforeEach(async () => {
  department = await edge.addDepartment();
});

const call = async (method: string, path: string, key: string, body?: object, app = strict.app) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const reply = await app.request(`/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
  const json: ReturnType<typeof JSON.parse> = await reply.json();
  return { status: reply.status, json };
};
const config = { department_name: "Test", enabled_tools: ["email"], admin_email: "a@example.org" };
const wanted = { expected_version: 1, config: { ...config, custom_config: { voice: "alto" } } };
const added = { path: "custom_config.voice", change: "added", to: "alto" };
const put = (body: object = wanted, key = asker.key, app = strict.app) =>
  call("PUT", `/departments/${department.slug}/config`, key, body, app);
const rollback = (body: object) =>
  call("POST", `/departments/${department.slug}/config/rollback`, asker.key, body);
const decide = (id: string, verb: "approve" | "reject", key: string) =>
  call("POST", `/approvals/${id}/${verb}`, key, {});
const idIn = (reply: Awaited<ReturnType<typeof call>>): string => reply.json.errors[0].message;
const bare = ({ status, json }: { status: number; json: { code?: string } }) => [status, json.code];
const listed = async (id: string) => {
  const { json } = await call("GET", "/approvals?limit=200", second.key);
  return json.items.find((item: { id: string }) => item.id === id);
};
const versions = async () =>
  (await edge.sql`select from federation.department_config where department_id = ${department.id}`).length;
const approvals = async () =>
  (await edge.sql`select from federation.approval where department_id = ${department.id}`).length;

test("another definition waits, once, for a second person, who sees the diff and the version it starts from", async () => {
  const first = await put();
  expect(bare(first)).toEqual([403, "approval_required"]);
  expect(idIn(await put())).toBe(idIn(first));
  expect([await versions(), await approvals()]).toEqual([1, 1]);
  const shown = await listed(idIn(first));
  expect(shown).toMatchObject({
    action: "config-change",
    target: department.id,
    department_id: department.slug,
    requested_by: asker.id,
    status: "requested",
  });
  expect(shown.change).toEqual({ from_version: 1, changes: [added] });
});

test("approved, the very same request goes through once, with the diff that was approved, and is on record", async () => {
  const id = idIn(await put());
  const seen = (await decide(id, "approve", second.key)).json.change;
  const stored = await put();
  expect([stored.status, stored.json]).toEqual([
    200,
    { department_id: department.slug, version: 2, changes: seen.changes },
  ]);
  expect(bare(await put())).toEqual([409, "version_conflict"]);
  expect([await versions(), (await listed(id)).status]).toEqual([2, "used"]);
  const events = await edge.sql`select actor from audit.event
    where stream = ${department.id} and action = 'config.put' and meta::jsonb ->> 'approval' = ${id}`;
  expect([...events]).toEqual([{ actor: asker.id }]);
});

test("sent by several at the same time, an approved change is stored once", async () => {
  await decide(idIn(await put()), "approve", second.key);
  const replies = await Promise.all([put(), put(), put(), put()]);
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  expect(await versions()).toBe(2);
});

test("whoever asked for a change cannot approve it", async () => {
  expect(bare(await decide(idIn(await put()), "approve", asker.key))).toEqual([403, "self_approval"]);
  expect(bare(await put())).toEqual([403, "approval_required"]);
});

test("a definition that changed in between is not overwritten, and the approval is good for no later version", async () => {
  const id = idIn(await put());
  await decide(id, "approve", second.key);
  const theirs = { expected_version: 1, config: { ...config, department_name: "Theirs" } };
  expect((await put(theirs, second.key, edge.app)).status).toBe(200);
  expect(bare(await put())).toEqual([409, "version_conflict"]);
  const later = await put({ ...wanted, expected_version: 2 });
  expect(bare(later)).toEqual([403, "approval_required"]);
  expect(idIn(later)).not.toBe(id);
  expect((await listed(idIn(later))).change).toEqual({
    from_version: 2,
    changes: [added, { path: "department_name", change: "changed", from: "Theirs", to: "Test" }],
  });
  expect([await versions(), (await listed(id)).status]).toEqual([2, "approved"]);
});

test("another definition or another person needs an approval of its own", async () => {
  await decide(idIn(await put()), "approve", second.key);
  const other = { ...wanted, config: { ...wanted.config, custom_config: { voice: "tenor" } } };
  expect(bare(await put(other))).toEqual([403, "approval_required"]);
  expect(bare(await put(wanted, second.key))).toEqual([403, "approval_required"]);
  expect(await versions()).toBe(1);
});

test("what would be refused anyway asks nobody", async () => {
  const elsewhere = { ...wanted, config: { ...wanted.config, host: "docker" } };
  expect(bare(await put(elsewhere))).toEqual([409, "host_is_fixed"]);
  const login = { ...config, custom_config: { database: { direct_access: true } } };
  expect(bare(await put({ expected_version: 1, config: login }))).toEqual([409, "direct_access_is_fixed"]);
  await put(wanted, second.key, edge.app);
  expect(bare(await put())).toEqual([409, "version_conflict"]);
  expect(await approvals()).toBe(0);
  department = await edge.addDepartment({ status: "deprovisioning" });
  expect(bare(await put())).toEqual([409, "version_conflict"]);
  const dry = await call("PUT", `/departments/${department.slug}/config?dry_run=true`, asker.key, wanted);
  expect([bare(dry), await approvals()]).toEqual([[409, "version_conflict"], 0]);
});

test("the way back to an earlier version needs a second person too, and is not the change that was approved", async () => {
  await put(wanted, second.key, edge.app);
  const body = { to_version: 1, expected_version: 2 };
  const asked = await rollback(body);
  expect(bare(asked)).toEqual([403, "approval_required"]);
  expect((await listed(idIn(asked))).change).toEqual({
    from_version: 2,
    changes: [{ path: "custom_config.voice", change: "removed", from: "alto" }],
  });
  await decide(idIn(asked), "approve", second.key);
  expect(bare(await put({ expected_version: 2, config }))).toEqual([403, "approval_required"]);
  expect((await rollback(body)).json.version).toBe(3);
  expect(bare(await rollback(body))).toEqual([409, "version_conflict"]);
});

test("a dry run says what would change, changes nothing and asks nobody", async () => {
  const path = `/departments/${department.slug}/config?dry_run=true`;
  const { status, json } = await call("PUT", path, asker.key, wanted);
  expect([status, json]).toEqual([200, { department_id: department.slug, version: 1, changes: [added] }]);
  expect(bare(await call("PUT", path, asker.key, { ...wanted, expected_version: 2 }))).toEqual([
    404,
    "not_found",
  ]);
  await put(wanted, second.key, edge.app);
  expect(bare(await call("PUT", path, asker.key, wanted))).toEqual([409, "version_conflict"]);
  const back = `/departments/${department.slug}/config/rollback?dry_run=true`;
  const shown = await call("POST", back, asker.key, { to_version: 1, expected_version: 2 });
  expect(shown.json.changes).toEqual([{ path: "custom_config.voice", change: "removed", from: "alto" }]);
  expect([await versions(), await approvals()]).toEqual([2, 0]);
});

test("the console shows the diff as text, whatever stands in it", async () => {
  const name = `<script>alert("x")</script>`;
  const id = idIn(await put({ ...wanted, config: { ...config, department_name: name } }));
  const page = await (await signedIn(strict, second.key)).page("/approvals");
  const section = page.slice(page.indexOf(`<section id="change-${id}">`)).split("</section>")[0] ?? "";
  expect(section).toContain("department_name");
  expect(section).toContain("&lt;script&gt;alert(");
  expect(section).toContain("from version 1");
  expect(page).not.toContain("<script>alert(");
});

test("in the console a rollback waits for a second person as well", async () => {
  await put(wanted, second.key, edge.app);
  const visitor = await signedIn(strict, asker.key);
  const fields = { to_version: "1", expected_version: "2", confirmed: "yes" };
  const reply = await visitor.post(`/departments/${department.slug}/config/rollback`, fields);
  expect([reply.status, await reply.text()]).toEqual([403, expect.stringContaining("approval_required")]);
  expect([await versions(), await approvals()]).toEqual([2, 1]);
});

test("the database keeps the diff that was asked for, and takes no change of a definition without one", async () => {
  const id = idIn(await put());
  const { app } = edge.deps.db;
  const attempts = [
    app`update federation.approval set change = '{}' where id = ${id}`,
    app`update federation.approval set status = 'approved', approved_by = ${second.id}, decided_at = now(),
      change = '{"from_version":1,"changes":[]}' where id = ${id}`,
    app`insert into federation.approval (id, action, target, fingerprint, requested_by, status)
      values (${Bun.randomUUIDv7()}, 'config-change', 'x', ${"1".repeat(64)}, ${asker.id}, 'requested')`,
  ];
  for (const attempt of attempts) await expect(attempt.execute()).rejects.toThrow();
});
