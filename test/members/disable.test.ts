import { afterAll, beforeAll, expect, test } from "bun:test";
import { roleScopes } from "../../src/members/scopes.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
});
afterAll(() => edge.close());

const disable = (id: string, key = edge.adminKey) => edge.call("DELETE", `/api/v1/members/${id}`, { key });
const admin = (of: TestDepartment) => edge.addMember("department_admin", roleScopes.department_admin, of.id);
const statusAndCode = ({ status, json }: Awaited<ReturnType<typeof disable>>) => [status, json?.code];

test("a disabled member is out with all keys within a second, once on record; again changes nothing", async () => {
  const person = await edge.addMember("operator", roleScopes.operator);
  const call = () => edge.call("GET", "/api/v1/departments", { key: person.key });
  expect((await call()).status).toBe(200);
  expect([(await disable(person.id)).status, (await disable(person.id)).status]).toEqual([204, 204]);
  await Bun.sleep(1000);
  expect((await call()).status).toBe(401);
  const [key] = await edge.sql`select status from federation.api_client where member_id = ${person.id}`;
  expect(key?.["status"]).toBe("revoked");
  const events =
    await edge.sql`select actor from audit.event where action = 'member.disable' and target = ${person.id}`;
  expect(events.map((event) => event["actor"])).toEqual([edge.adminId]);
});

test("the address of a disabled member may be used for a new one", async () => {
  const body = { email: "again@example.org", role: "auditor" };
  const first = await edge.call("POST", "/api/v1/members", { key: edge.adminKey, body });
  await disable(first.json.id);
  expect((await edge.call("POST", "/api/v1/members", { key: edge.adminKey, body })).status).toBe(201);
});

test("the last admin stays, also when all of them disable each other at the same time", async () => {
  expect(statusAndCode(await disable(edge.adminId))).toEqual([409, "last_admin"]);
  const others = await Promise.all([1, 2, 3].map(() => edge.addMember("admin", roleScopes.admin)));
  const all = [{ id: edge.adminId, key: edge.adminKey }, ...others];
  const replies = await Promise.all(all.map(({ id }, at) => disable(id, all[(at + 1) % all.length]?.key)));
  expect(replies.filter(({ status }) => status === 204).length).toBeLessThan(all.length);
  const left = await edge.sql`select from federation.member where role = 'admin' and disabled_at is null`;
  expect(left.length).toBeGreaterThan(0);
  await edge.sql`update federation.member set disabled_at = null where id = ${edge.adminId}`;
  await edge.sql`update federation.api_client set status = 'active', revoked_at = null where member_id = ${edge.adminId}`;
  await Bun.sleep(1000);
});

test("nobody ends a role above their own, and another department's people are nobody", async () => {
  const operator = await edge.addMember("operator", roleScopes.operator);
  const [own, other] = await Promise.all([admin(a), admin(b)]);
  const auditor = await edge.addMember("auditor", roleScopes.auditor);
  expect(statusAndCode(await disable(edge.adminId, operator.key))).toEqual([403, "role_not_yours"]);
  expect(statusAndCode(await disable(operator.id, own.key))).toEqual([404, "not_found"]);
  expect(statusAndCode(await disable(other.id, own.key))).toEqual([404, "not_found"]);
  expect(statusAndCode(await disable(Bun.randomUUIDv7(), own.key))).toEqual([404, "not_found"]);
  expect((await disable(own.id, auditor.key)).status).toBe(403);
  expect((await disable(own.id, a.key)).status).toBe(403);
  expect((await disable(own.id, operator.key)).status).toBe(204);
});
