import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { findSecrets, readStores } from "../canary/find-in-stores.ts";
import { type Browser, type ConsentWorld, consentWorld } from "./consent-world.ts";

let world: ConsentWorld;
beforeAll(async () => {
  world = await consentWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  world.google.person.account = { subject: "1", email: "one@example.org", hostedDomain: "example.org" };
  for (let at = 0; at < 2; at++) await world.addClient();
});

type Side = Awaited<ReturnType<ConsentWorld["addDepartment"]>>;

/** A consent up to Google's answer: the way back, and the browser it belongs to. */
async function answered(side: Side) {
  const { json } = await world.start(side);
  const { location, browser } = await world.open(json.consent_url);
  return { link: String(json.consent_url), location, browser, back: await world.atGoogle(location) };
}
const callback = async (back: string, browser: Browser) => {
  const reply = await world.visit("GET", back, browser);
  return { status: reply.status, text: await reply.text() };
};
const part = (back: string, name: string) => new URL(back, world.origin).searchParams.get(name) ?? "";
const withPart = (back: string, name: string, value: string) => {
  const url = new URL(back, world.origin);
  url.searchParams.set(name, value);
  return url.pathname + url.search;
};

test("the answer to one department's consent does not count in the browser of another's, and both pages are the same", async () => {
  const [one, two] = [await world.addDepartment(), await world.addDepartment()];
  const [mine, theirs] = [await answered(one), await answered(two)];
  const codes = world.google.counts.code;
  const refusals = [
    await callback(mine.back, theirs.browser),
    await callback(theirs.back, mine.browser),
    await callback(mine.back, { cookie: "" }),
    await callback("/oauth/callback", mine.browser),
    await callback(withPart(mine.back, "state", part(theirs.back, "state")), mine.browser),
  ];
  expect(new Set(refusals.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect([refusals[0]?.status, world.google.counts.code]).toEqual([400, codes]);
  expect((await callback(mine.back, mine.browser)).status).toBe(200);
  expect((await callback(theirs.back, theirs.browser)).status).toBe(200);
});

test("a code of another consent is refused by PKCE, also within one department, and nothing is stored", async () => {
  const side = await world.addDepartment();
  const [stolen, own] = [await answered(side), await answered(side)];
  const { status } = await callback(withPart(own.back, "code", part(stolen.back, "code")), own.browser);
  expect(status).toBe(409);
  expect(await world.show(side)).toMatchObject({ status: "pending_consent", scopes_granted: [] });
});

test("an answer that names another issuer is refused", async () => {
  const side = await world.addDepartment();
  const { back, browser } = await answered(side);
  expect((await callback(withPart(back, "iss", "https://evil.example"), browser)).status).toBe(409);
  expect(await world.show(side)).toMatchObject({ status: "pending_consent" });
});

test("what was revoked while the person was at Google stays revoked", async () => {
  const side = await world.addDepartment();
  const { back, browser } = await answered(side);
  const reply = await world.edge.call("DELETE", "/api/v1/oauth/google", { key: side.adminKey });
  expect(reply.status).toBe(204);
  expect((await callback(back, browser)).status).toBe(400);
  expect(await world.show(side)).toBeUndefined();
});

test("a consent given again takes the place of the one before, also with another account", async () => {
  const side = await world.addDepartment();
  const tokenOf = async () => {
    const [row] = await world.edge.sql`select id, subject, refresh_sealed, version from federation.credential
      where department_id = ${side.id} and status = 'active'`;
    return row;
  };
  expect((await world.consent(side)).status).toBe(200);
  const before = await tokenOf();
  world.google.person.account = { subject: "2", email: "two@example.org", hostedDomain: "example.org" };
  expect((await world.consent(side)).status).toBe(200);
  const after = await tokenOf();
  expect([after?.["id"], before?.["subject"], after?.["subject"]]).toEqual([before?.["id"], "1", "2"]);
  expect(after?.["refresh_sealed"]).not.toBe(before?.["refresh_sealed"]);
});

test("no page, log line, table, queue or audit event holds a token, code, state, ticket, cookie or client secret", async () => {
  const side = await world.addDepartment();
  const client = await world.addClient();
  const done = await answered(side);
  const page = await callback(done.back, done.browser);
  const denied = await answered(side);
  const refused = await callback(
    withPart(denied.back, "code", "4/a-code-that-nobody-gave-out"),
    denied.browser,
  );
  const secrets = new Map([
    ["client secret", client.clientSecret],
    ["code", part(done.back, "code")],
    ["state", part(done.back, "state")],
    ["ticket", done.link.split("/").at(-1) ?? ""],
    ["cookie", done.browser.cookie.split("=")[1] ?? ""],
    ["account", "one@example.org"],
  ]);
  for (const token of [...world.google.store.refreshTokens.keys(), ...world.google.store.accessTokens.keys()])
    secrets.set(`token ${secrets.size}`, token);
  await world.edge.call("DELETE", "/api/v1/oauth/google", { key: side.adminKey });
  expect([page.status, refused.status, [...secrets.values()].every((secret) => secret.length > 12)]).toEqual([
    200,
    409,
    true,
  ]);
  const stores = await readStores({ directories: [], postgresLog: "/dev/null", sql: world.edge.sql });
  const said = [page.text, refused.text, ...world.edge.lines].map((text, at) => ({
    name: `said ${at}`,
    text,
  }));
  expect(findSecrets([...stores, ...said], secrets)).toEqual([]);
});
