import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { faults } from "../fakes/google/faults.ts";
import { type OAuthTestWorld, startOAuthTestWorld, type TestCredential } from "./world.ts";

let world: OAuthTestWorld;
let credential: TestCredential;
beforeAll(async () => void (world = await startOAuthTestWorld()));
afterAll(() => world.close());
beforeEach(async () => void (credential = await world.addCredential()));

const path = "/api/v1/oauth/google/token";
const ask = (key = credential.department.key) => world.edge.call("POST", path, { key });
const audited = () => world.audited(credential.department.id, "credential.token");
const set = (change: object) =>
  world.edge.sql`update federation.credential set ${world.edge.sql(change)} where id = ${credential.id}`;

test("a department's agent gets its own short-lived token, kept by nobody on the way, and it is on record", async () => {
  const reply = await ask();
  expect(reply.status).toBe(200);
  expect(reply.json).toEqual({
    access_token: "ya29.first",
    token_type: "Bearer",
    expires_in: expect.any(Number),
    scope: "openid email https://www.googleapis.com/auth/calendar.events",
    missing_scopes: [],
  });
  expect(reply.headers.get("cache-control")).toBe("no-store");
  expect(await audited()).toEqual(["allowed"]);
});

test("a token that has ended is refreshed first", async () => {
  await world.expire(credential.id);
  const { json } = await ask();
  expect(json.access_token).not.toBe("ya29.first");
  expect(json.expires_in).toBeGreaterThan(3000);
  expect(world.callsOf(credential.origin).length).toBe(1);
});

test("what the person did not grant is named", async () => {
  const drive = "https://www.googleapis.com/auth/drive.readonly";
  await set({ scopes_wanted: ["openid", "email", drive] });
  expect((await ask()).json.missing_scopes).toEqual([drive]);
});

test("no department gets another one's token", async () => {
  const other = await world.edge.addDepartment();
  expect((await ask(other.key)).json.code).toBe("needs_consent");
  expect(await audited()).toEqual([]);
});

test("people of the platform and keys without the scope get none", async () => {
  expect((await ask(world.edge.adminKey)).status).toBe(403);
  const admin = await world.edge.addMember("department_admin", ["oauth:write"], credential.department.id);
  expect((await ask(admin.key)).status).toBe(403);
});

test("without consent the answer says so, and the refusal is on record", async () => {
  await set({
    status: "needs_consent",
    failure_code: "invalid_grant",
    access_sealed: null,
    access_expires_at: null,
  });
  const reply = await ask();
  expect([reply.status, reply.json.code]).toEqual([409, "needs_consent"]);
  expect(await audited()).toEqual(["denied needs_consent"]);
});

test("while the provider is left alone the answer says for how long", async () => {
  await world.expire(credential.id);
  world.google.failNext(faults.rateLimited(60));
  const reply = await ask();
  expect([reply.status, reply.json.code]).toEqual([503, "credential_cooling"]);
  expect(Number(reply.headers.get("retry-after"))).toBeGreaterThanOrEqual(50);
  expect(await audited()).toEqual(["failed credential_cooling"]);
});

test("a suspended department gets none, also when it was suspended during the refresh", async () => {
  const suspend = () =>
    world.edge
      .sql`update federation.department set status = 'suspended' where id = ${credential.department.id}`;
  await world.expire(credential.id);
  world.google.behaviour.delayMs = 200;
  const asked = ask();
  while (world.callsOf(credential.origin).length === 0) await Bun.sleep(5);
  await suspend();
  expect([(await asked).status, (await ask()).json.code]).toEqual([409, "department_not_ready"]);
  world.google.behaviour.delayMs = 0;
  expect(await audited()).toEqual(["denied department_not_ready", "denied department_not_ready"]);
});

test("no token lies in a log line", async () => {
  await world.expire(credential.id);
  const { json } = await ask();
  const log = world.edge.lines.join("\n");
  expect(log).not.toContain(json.access_token);
  expect(log).not.toContain(credential.origin);
});
