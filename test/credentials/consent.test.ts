import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type ConsentWorld, consentWorld } from "./consent-world.ts";

let world: ConsentWorld;
beforeAll(async () => {
  world = await consentWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  world.google.person.account = { subject: "1", email: "one@example.org", hostedDomain: "example.org" };
  delete world.google.person.grantsOnly;
  delete world.google.person.refuses;
  for (let at = 0; at < 3; at++) await world.addClient();
});

const invalid = /This link is not valid any more/;

test("a person's consent connects the department, and no token is shown or stored in the clear", async () => {
  const department = await world.addDepartment();
  const { status, text } = await world.consent(department);
  expect([status, text]).toEqual([200, expect.stringContaining("Google is connected")]);
  expect(await world.show(department)).toMatchObject({
    status: "active",
    missing_scopes: [],
    failure_code: null,
  });
  const [row] = await world.edge.sql`
    select refresh_sealed, access_sealed, account_sealed, subject from federation.credential
    where department_id = ${department.id} and status = 'active'`;
  for (const sealed of [row?.["refresh_sealed"], row?.["access_sealed"], row?.["account_sealed"]])
    expect(sealed).toStartWith("fedc1.");
  const secrets = [...world.google.store.refreshTokens.keys(), ...world.google.store.accessTokens.keys()];
  const dump = JSON.stringify([
    text,
    world.edge.lines,
    await world.edge.sql`select t::text from federation.credential t`,
  ]);
  expect(secrets.filter((secret) => dump.includes(secret))).toEqual([]);
});

test("what the person unticked is shown as missing, and the rest works", async () => {
  const department = await world.addDepartment();
  world.google.person.grantsOnly = ["https://www.googleapis.com/auth/calendar.events"];
  const { text } = await world.consent(department);
  expect(text).toContain("Not granted");
  expect(await world.show(department)).toMatchObject({
    status: "active",
    missing_scopes: ["https://www.googleapis.com/auth/gmail.modify"],
  });
});

test("a person who refuses leaves the credential as it was, on record", async () => {
  const department = await world.addDepartment();
  world.google.person.refuses = "access_denied";
  const { status, text } = await world.consent(department);
  expect([status, text]).toEqual([409, expect.stringContaining("was not given consent")]);
  expect(await world.show(department)).toMatchObject({ status: "pending_consent" });
  const events = await world.edge.sql`select decision, reason from audit.event
    where stream = ${department.id} and action = 'consent.finish'`;
  expect([...events]).toEqual([{ decision: "denied", reason: "access_denied" }]);
});

test("looking at a link does not use it; opening it does, once, also of 64 at the same time", async () => {
  const department = await world.addDepartment();
  const { json } = await world.start(department);
  const { pathname } = new URL(json.consent_url);
  for (const method of ["GET", "HEAD", "GET"]) {
    const page = await world.visit(method, pathname, { cookie: "" });
    expect(page.status).toBe(200);
    await page.text();
  }
  const opened = await Promise.all(Array.from({ length: 64 }, () => world.open(json.consent_url)));
  expect(opened.filter(({ status }) => status === 302)).toHaveLength(1);
  expect(opened.filter(({ status }) => status === 400)).toHaveLength(63);
  const again = await world.visit("GET", pathname, { cookie: "" });
  expect([again.status, await again.text()]).toEqual([400, expect.stringMatching(invalid)]);
});

test("of 64 replays of Google's answer exactly one counts", async () => {
  const department = await world.addDepartment();
  const { json } = await world.start(department);
  const { location, browser } = await world.open(json.consent_url);
  const back = await world.atGoogle(location);
  const codes = world.google.counts.code;
  const replies = await Promise.all(Array.from({ length: 64 }, () => world.visit("GET", back, browser)));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(world.google.counts.code).toBe(codes + 1);
});

describe("one and the same page refuses", () => {
  const cases: Record<string, (back: string, cookie: string) => { back: string; cookie: string }> = {
    "another browser": (back) => ({ back, cookie: "" }),
    "a browser with a cookie of its own making": (back) => ({
      back,
      cookie: `federation_consent=${"A".repeat(43)}`,
    }),
    "a state that nobody gave out": (back, cookie) => ({
      back: back.replace(/state=[^&]+/, `state=${"B".repeat(43)}`),
      cookie,
    }),
    "a state with a letter changed": (back, cookie) => ({
      back: back.replace(/state=(.)/, (_, letter) => `state=${letter === "A" ? "B" : "A"}`),
      cookie,
    }),
    "no state": (back, cookie) => ({ back: back.replace(/state=[^&]+/, ""), cookie }),
    "a state that is no text we make": (back, cookie) => ({
      back: back.replace(/state=[^&]+/, "state='%20or%201"),
      cookie,
    }),
  };
  test.each(Object.entries(cases).map(([name, change]) => ({ name, change })))(
    "$name",
    async ({ change }) => {
      const department = await world.addDepartment();
      const { json } = await world.start(department);
      const opened = await world.open(json.consent_url);
      const { back, cookie } = change(await world.atGoogle(opened.location), opened.browser.cookie);
      const reply = await world.visit("GET", back, { cookie });
      expect([reply.status, await reply.text()]).toEqual([400, expect.stringMatching(invalid)]);
      expect(await world.show(department)).toMatchObject({ status: "pending_consent" });
    },
  );
});

test("a link and a state end after ten minutes", async () => {
  const department = await world.addDepartment();
  const late = () =>
    world.edge
      .sql`update federation.oauth_consent set expires_at = now() where department_id = ${department.id}`;
  const { json } = await world.start(department);
  await late();
  expect((await world.open(json.consent_url)).status).toBe(400);
  const second = await world.start(department);
  const { location, browser } = await world.open(second.json.consent_url);
  await late();
  expect((await world.visit("GET", await world.atGoogle(location), browser)).status).toBe(400);
});

test("another site cannot press the button", async () => {
  const department = await world.addDepartment();
  const { json } = await world.start(department);
  const { pathname } = new URL(json.consent_url);
  for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, {}] as Record<
    string,
    string
  >[]) {
    expect((await world.visit("POST", pathname, { cookie: "" }, headers)).status).toBe(400);
  }
  expect((await world.open(json.consent_url)).status).toBe(302);
});

test("the request to Google has PKCE, state, nonce, offline access and nothing that mixes departments", async () => {
  const department = await world.addDepartment();
  const { json } = await world.start(department);
  const { location } = await world.open(json.consent_url);
  const query = new URL(location).searchParams;
  expect(Object.fromEntries(query)).toMatchObject({
    response_type: "code",
    code_challenge_method: "S256",
    access_type: "offline",
    prompt: "consent",
    redirect_uri: `${world.origin}/oauth/callback`,
  });
  expect([
    query.get("state")?.length,
    query.get("nonce")?.length,
    query.has("include_granted_scopes"),
  ]).toEqual([43, 43, false]);
});

test("where the department names its Workspace domain an account of another one is refused", async () => {
  const department = await world.addDepartment();
  await world.edge.sql`update federation.department_config
    set document = document || '{"google_workspace_domain": "example.org"}' where department_id = ${department.id}`;
  world.google.person.account = {
    subject: "9",
    email: "x@elsewhere.example",
    hostedDomain: "elsewhere.example",
  };
  expect(await world.consent(department)).toMatchObject({
    status: 409,
    text: expect.stringContaining("does not belong"),
  });
  expect(await world.show(department)).toMatchObject({ status: "pending_consent" });
});

test("a consent that comes after the department was suspended is refused", async () => {
  const department = await world.addDepartment();
  const { json } = await world.start(department);
  const { location, browser } = await world.open(json.consent_url);
  const back = await world.atGoogle(location);
  await world.edge.sql`update federation.department set status = 'suspended' where id = ${department.id}`;
  expect((await world.visit("GET", back, browser)).status).toBe(400);
  expect((await world.start(department)).status).toBe(409);
});

test("a code that Google does not know any more is refused, and the next attempt works", async () => {
  const department = await world.addDepartment();
  const { json } = await world.start(department);
  const { location, browser } = await world.open(json.consent_url);
  const back = await world.atGoogle(location);
  world.google.store.codes.clear();
  expect((await world.visit("GET", back, browser)).status).toBe(409);
  expect((await world.consent(department)).status).toBe(200);
});

test("only a person who may, and only for the own department, starts a consent", async () => {
  const [one, two] = [await world.addDepartment(), await world.addDepartment()];
  const start = (key: string, query = "") =>
    world.edge.call("GET", `/api/v1/oauth/google/start${query}`, { key });
  expect((await start(one.key)).status).toBe(403);
  expect((await start(one.adminKey, `?department_id=${two.slug}`)).status).toBe(404);
  expect((await start(one.adminKey, `?department_id=nobody`)).status).toBe(404);
  expect((await start(world.edge.adminKey)).status).toBe(422);
  expect((await start(world.edge.adminKey, `?department_id=${two.slug}`)).status).toBe(200);
});
