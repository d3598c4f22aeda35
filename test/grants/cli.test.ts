import { afterAll, beforeAll, expect, test } from "bun:test";
import { roleScopes } from "../../src/members/scopes.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";
import { runFed } from "../helpers/run-fed.ts";

let edge: Edge;
let server: ReturnType<typeof Bun.serve>;
let a: TestDepartment;
let b: TestDepartment;
let source: string;
let target: string;
beforeAll(async () => {
  edge = await testEdge();
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, serving) => edge.app.fetch(request, { server: serving }),
  });
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  source = (await edge.addMember("department_admin", roleScopes.department_admin, a.id)).key;
  target = (await edge.addMember("department_admin", roleScopes.department_admin, b.id)).key;
});
afterAll(async () => {
  await server.stop(true);
  await edge.close();
});

const fed = (key: string, ...args: string[]) => runFed({ url: server.url.origin, key }, ["grants", ...args]);

test("fed grants: request, approve, list, revoke, reject; tables for people, JSON for scripts", async () => {
  const wish = [
    "--target",
    b.slug,
    "--permission",
    "search",
    "--resource",
    "documents",
    "--reason",
    "report",
  ];
  const asked = JSON.parse((await fed(source, "request", ...wish, "--days", "9", "--json")).out);
  expect(asked).toMatchObject({ status: "requested", target_department_id: b.slug, expires_in_days: 9 });
  const approved = await fed(target, "approve", asked.id, "--days", "2", "--limit", "5/60", "--json");
  expect(JSON.parse(approved.out)).toMatchObject({
    status: "approved",
    limit: { hits: 5, window_seconds: 60 },
  });
  const { out: table } = await fed(source, "list", "--status", "approved");
  expect(table.split("\n")[0]).toMatch(/^grant +source +target +opens +status +expires +reason$/);
  expect(table.split("\n")[1]).toContain(`${asked.id}  ${a.slug}  ${b.slug}  search documents  approved`);
  expect((await fed(source, "revoke", asked.id, "--reason", "done")).out).toContain("revoked");
  const again = JSON.parse((await fed(source, "request", ...wish, "--json")).out);
  expect((await fed(target, "reject", again.id, "--reason", "no")).out).toContain("rejected");
  expect(JSON.parse((await fed(source, "list", "--json")).out)).toHaveLength(2);
});

test("fed grants says what is missing, and exits as all commands do", async () => {
  expect((await fed(source, "request", "--target", b.slug)).code).toBe(2);
  expect((await fed(source, "revoke", Bun.randomUUIDv7())).code).toBe(2);
  expect((await fed(source, "approve")).code).toBe(2);
  expect((await fed(source, "dance")).code).toBe(2);
  expect((await fed(source, "approve", Bun.randomUUIDv7())).code).toBe(4);
  expect((await fed(b.key, "revoke", Bun.randomUUIDv7(), "--reason", "x")).code).toBe(3);
});
