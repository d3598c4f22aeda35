import { afterAll, beforeAll, expect, test } from "bun:test";
import { OAuthError } from "../../src/providers/google/oauth-error.ts";
import { type ConsentWorld, consentWorld } from "../credentials/consent-world.ts";

let world: ConsentWorld;
beforeAll(async () => {
  world = await consentWorld();
});
afterAll(() => world.close());

type Side = Awaited<ReturnType<ConsentWorld["addDepartment"]>>;

const add = (body: object) =>
  world.edge.call("POST", "/api/v1/oauth-clients", { key: world.edge.adminKey, body });
const bring = (side: Side, body: object) =>
  world.edge.call("PUT", `/api/v1/departments/${side.slug}/oauth-client`, { key: side.adminKey, body });
const retire = (id: string, body: object = {}) =>
  world.edge.call("POST", `/api/v1/oauth-clients/${id}/retire`, { key: world.edge.adminKey, body });
const revoke = (side: Side) => world.edge.call("DELETE", "/api/v1/oauth/google", { key: side.adminKey });
const fieldsOf = (client: { clientId: string; clientSecret: string }) => ({
  client_id: client.clientId,
  client_secret: client.clientSecret,
});
const consented = async (subject: string, project?: string) => {
  const side = await world.addDepartment();
  const client = await world.addClient(project);
  await world.edge.sql`update federation.oauth_client set status = 'retired', secret_sealed = null
    where status = 'free' and id <> ${client.id}`;
  world.google.person.account = { subject, email: `${subject}@example.org` };
  expect((await world.consent(side)).status).toBe(200);
  return { side, client };
};
const revocations = async (side: Side) => {
  const rows = await world.edge.sql`select meta::jsonb ->> 'revocation' as revocation from audit.event
    where stream = ${side.id} and action = 'credential.revoke' order by seq`;
  return rows.map(({ revocation }) => String(revocation));
};

test("a client that was retired may come back, to the pool and as a department's own", async () => {
  const client = await world.addClient();
  await retire(client.id);
  const again = await add(fieldsOf(client));
  expect([again.status, again.json.status, again.json.id]).toEqual([201, "free", client.id]);
  expect((await add(fieldsOf(client))).status).toBe(409);

  const side = await world.addDepartment();
  const own = world.google.addClient({ redirectUris: [`${world.origin}/oauth/callback`] });
  for (let round = 0; round < 2; round++) {
    expect((await bring(side, fieldsOf(own))).json).toMatchObject({ origin: "own", status: "leased" });
    expect((await world.consent(side)).status).toBe(200);
    expect((await revoke(side)).status).toBe(204);
  }
});

test("a client that is refused costs no consent: nothing is revoked at Google before it is known to fit", async () => {
  const { side } = await consented("keeps");
  const taken = await world.addClient();
  const before = world.google.counts.revoke;
  expect((await bring(side, fieldsOf(taken))).json.code).toBe("client_exists");
  await world.edge.sql`update federation.department set status = 'suspended' where id = ${side.id}`;
  const fresh = world.google.addClient({ redirectUris: [`${world.origin}/oauth/callback`] });
  expect((await bring(side, fieldsOf(fresh))).json.code).toBe("department_not_ready");
  expect(world.google.counts.revoke).toBe(before);
  expect(await world.show(side)).toMatchObject({ status: "active" });
});

test("clients of one Cloud project are known as such, whether they came as a file or as fields", async () => {
  const id = (tail: string) => `123456789012-${tail}.apps.googleusercontent.com`;
  const web = {
    client_id: id("file"),
    client_secret: "GOCSPX-a",
    project_id: "acme-voice",
    redirect_uris: [`${world.origin}/oauth/callback`],
  };
  const added = [
    await add({ web }),
    await add({ client_id: id("fields"), client_secret: "GOCSPX-b" }),
    await add({ client_id: id("named"), client_secret: "GOCSPX-c", project: "voice" }),
  ];
  expect(added.map(({ json }) => json.project)).toEqual(Array.from({ length: 3 }, () => "123456789012"));
});

test("a grant that waits for a new consent still protects its account's others, and they it", async () => {
  const one = await consented("shared", "one-project");
  const two = await consented("shared", "one-project");
  await world.edge
    .sql`update federation.credential set status = 'needs_consent', failure_code = 'invalid_rapt',
    access_sealed = null, access_expires_at = null where department_id = ${two.side.id}`;
  const before = world.google.counts.revoke;
  expect((await revoke(one.side)).status).toBe(204);
  expect(await revocations(one.side)).toEqual(["kept_for_others"]);
  expect(world.google.counts.revoke).toBe(before);
});

test("another project, or another account in the same project, does not keep a grant alive", async () => {
  const one = await consented("a", "project-1");
  await consented("a", "project-2");
  await consented("b", "project-1");
  expect((await revoke(one.side)).status).toBe(204);
  expect(await revocations(one.side)).toEqual(["revoked"]);
});

test("what Google refused to revoke is not called revoked, and our copy is gone all the same", async () => {
  const { side } = await consented("refused");
  const { oauth } = world.edge.deps;
  const { revoke: original } = oauth;
  oauth.revoke = () => Promise.reject(new OAuthError("refused", "invalid_request"));
  const reply = await revoke(side);
  oauth.revoke = original;
  expect(reply.status).toBe(204);
  expect(await revocations(side)).toEqual(["refused"]);
  const [left] = await world.edge.sql`select count(*)::int as left from federation.credential
    where department_id = ${side.id} and coalesce(refresh_sealed, access_sealed, account_sealed, subject) is not null`;
  expect(left?.["left"]).toBe(0);
});

test("while Google cannot be reached nothing changes, and asking again ends it", async () => {
  const { side } = await consented("away");
  const { oauth } = world.edge.deps;
  const { revoke: original } = oauth;
  oauth.revoke = () => Promise.reject(new OAuthError("transient", "network"));
  expect((await revoke(side)).status).toBe(503);
  oauth.revoke = original;
  expect(await world.show(side)).toMatchObject({ status: "active" });
  expect((await revoke(side)).status).toBe(204);
});

test("a client in use is retired by force only, with a reason on record, and its department may consent anew", async () => {
  const { side, client } = await consented("forced");
  expect((await retire(client.id)).json.code).toBe("client_leased");
  expect((await retire(client.id, { force: true })).json.code).toBe("reason_missing");
  const forced = await retire(client.id, { force: true, reason: "its secret leaked" });
  expect([forced.status, forced.json.status, forced.json.department_id]).toEqual([200, "retired", null]);
  expect(await world.show(side)).toBeUndefined();
  const events = await world.edge.sql`select stream, action, reason from audit.event
    where target = ${client.id} and action = 'oauth_client.retire'`;
  expect(events.map(({ reason }) => String(reason))).toEqual(["its secret leaked"]);
  expect(await revocations(side)).toEqual(["revoked"]);
  const told = await world.edge.sql`select data ->> 'reason' as reason from federation.webhook_event
    where department_id = ${side.id} and type = 'credential.broken'`;
  expect(told.map(({ reason }) => String(reason))).toEqual(["client_retired"]);
  await world.addClient();
  expect((await world.consent(side)).status).toBe(200);
});

test("the page of a link lets a browser say where its form comes from, and does not stop what Google redirects to", async () => {
  const { side } = await consented("page");
  const { json } = await world.start(side);
  const page = await world.visit("GET", new URL(json.consent_url).pathname, { cookie: "" });
  const text = await page.text();
  expect(text).toContain('<meta name="referrer" content="same-origin">');
  expect(text).not.toContain("<script");
  expect(page.headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
});

test("the state of a run says where a consent begins, to who may begin one, until it was given", async () => {
  const side = await world.addDepartment();
  await world.addClient();
  await world.start(side);
  const id = Bun.randomUUIDv7();
  await world.edge.sql`
    insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, finished_at)
    values (${id}, ${side.id}, 'provision', 'succeeded', '', '', '', now())`;
  await world.edge.sql`
    insert into federation.step (run_id, name, position, status, started_at, finished_at)
    values (${id}, 'preflight', 1, 'done', now(), now())`;
  const show = async (key: string) =>
    (await world.edge.call("GET", `/api/v1/provision-status/${id}`, { key })).json.consent_url;
  const url = `${world.origin}/api/v1/oauth/google/start?department_id=${side.id}`;
  expect([await show(world.edge.adminKey), await show(side.adminKey), await show(side.key)]).toEqual([
    url,
    url,
    undefined,
  ]);
  expect((await world.consent(side)).status).toBe(200);
  expect(await show(world.edge.adminKey)).toBeUndefined();
});
