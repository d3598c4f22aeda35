import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createConsole } from "../../src/console/console.ts";
import { consoleAuthorization } from "../../src/console/authorization.ts";
import { createClientCache } from "../../src/api-keys/client-cache.ts";
import { createInFlight } from "../../src/gateway/limit-in-flight.ts";
import { createFailedLogins } from "../../src/limits/failed-logins.ts";
import { scopes } from "../../src/members/scopes.ts";
import { createMetrics } from "../../src/metrics/metrics.ts";
import { createRevokedTokens } from "../../src/tokens/revoked-tokens.ts";
import { createSigningKeys } from "../../src/tokens/signing-keys.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";
import { cookieOf, post, signedIn } from "./browser.ts";

let edge: Edge;
let a: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  a = await edge.addDepartment();
});
afterAll(() => edge.close());

const routes = () => [
  ...new Set(
    consoleOf()
      .routes.filter((route) => route.method !== "ALL")
      .map((route) => `${route.method} ${route.path}`),
  ),
];
const consoleOf = () =>
  createConsole({
    ...edge.deps,
    signingKeys: createSigningKeys({ sql: edge.deps.db.app, vault: edge.deps.vault }),
    revokedTokens: createRevokedTokens(edge.deps.db.app),
    clients: createClientCache(edge.deps.db.app),
    failedLogins: createFailedLogins(edge.deps.db.app),
    inFlight: createInFlight(),
    metrics: createMetrics(edge.deps),
  });
const actions = async () => [
  ...(await edge.sql`select action, decision from audit.event where action like 'console.%' order by at_us, seq`),
];

test("every page and action has a row in the console's matrix, and every row one of them", () => {
  expect(routes().sort()).toEqual(Object.keys(consoleAuthorization).sort());
});

test("a page without a row is refused", async () => {
  const page = await consoleOf()
    .get("/forgotten", (c) => c.text("secret"))
    .request("/forgotten");
  expect([page.status, (await page.text()).includes("secret")]).toEqual([403, false]);
});

describe("without a session a page leads to the sign-in, and back from there:", () => {
  const pages = Object.entries(consoleAuthorization).filter(
    ([route, { callers }]) => route.startsWith("GET") && callers !== "anyone",
  );
  test.each(pages.map(([route]) => route))("%s", async (route) => {
    const path = (route.split(" ")[1] ?? "").replace(/:\w+/, a.id);
    const reply = await edge.app.request(path);
    expect([reply.status, reply.headers.get("location")]).toEqual([
      303,
      `/sign-in?next=${encodeURIComponent(path)}`,
    ]);
  });
});

describe("signing in", () => {
  test("a member's key opens a session, on record, whose cookie no script and no other site gets", async () => {
    const { reply, page } = await signedIn(edge, edge.adminKey);
    expect([reply.status, reply.headers.get("location")]).toEqual([303, "/"]);
    expect(reply.headers.getSetCookie()[0]).toMatch(/^federation=[\w-]{43};.*HttpOnly; SameSite=Strict$/);
    expect(await page("/")).toContain("first@example.org");
    expect(await actions()).toContainEqual({ action: "console.sign_in", decision: "allowed" });
  });

  test("whatever is wrong with a key, the answer is one and the same", async () => {
    const foreign = edge.adminKey.replace("fed_dev", "fed_prod");
    const wrong = `${edge.adminKey.slice(0, 20)}${"A".repeat(30)}${edge.adminKey.slice(50)}`;
    const answers = [];
    for (const key of ["", "nonsense", foreign, wrong, a.key]) {
      const reply = await post(edge, "/sign-in", { key });
      answers.push(`${reply.status} ${cookieOf(reply)} ${await reply.text()}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toStartWith("401  <!doctype html>");
    expect(await actions()).toContainEqual({ action: "console.sign_in", decision: "denied" });
  });

  test("it leads to pages of ours only", async () => {
    for (const next of [
      "//evil.example/",
      "https://evil.example",
      "/\\evil.example",
      "javascript:alert(1)",
    ]) {
      const reply = await post(edge, "/sign-in", { key: edge.adminKey, next });
      expect(reply.headers.get("location")).toBe("/");
    }
  });

  test("another site cannot sign a browser in", async () => {
    const crossSite = [
      { origin: "https://evil.example" },
      { "sec-fetch-site": "cross-site" },
      { origin: "null" },
    ];
    for (const headers of crossSite) {
      const reply = await post(edge, "/sign-in", { key: edge.adminKey }, headers);
      expect([reply.status, cookieOf(reply)]).toEqual([403, ""]);
    }
  });

  test("signing out ends the session, not only its cookie", async () => {
    const browser = await signedIn(edge, edge.adminKey);
    expect((await browser.post("/sign-out")).headers.get("location")).toBe("/sign-in");
    expect((await browser.get("/")).status).toBe(303);
    expect(await actions()).toContainEqual({ action: "console.sign_out", decision: "done" });
  });
});

describe("a form is refused and does nothing", () => {
  test.each([
    ["without a token", { form_token: "" }, {}],
    ["from another site", {}, { origin: "https://evil.example" }],
    ["from another site, by what the browser says", {}, { "sec-fetch-site": "cross-site" }],
    ["without an origin", {}, { origin: "null" }],
  ] as [string, Record<string, string>, Record<string, string>][])("%s", async (_name, fields, headers) => {
    const browser = await signedIn(edge, edge.adminKey);
    expect((await browser.post("/sign-out", fields, headers)).status).toBe(403);
    expect((await browser.get("/")).status).toBe(200);
  });

  test("with another session's token", async () => {
    const [mine, other] = [await signedIn(edge, edge.adminKey), await signedIn(edge, edge.adminKey)];
    expect((await mine.post("/sign-out", { form_token: other.formToken })).status).toBe(403);
    expect((await mine.get("/")).status).toBe(200);
  });
});

describe("a session ends", () => {
  const everything = [...scopes];
  test("with its key", async () => {
    const { key, keyId } = await edge.addMember("operator", everything);
    const browser = await signedIn(edge, key);
    expect((await browser.get("/")).status).toBe(200);
    await edge.sql`update federation.api_client set status = 'revoked', revoked_at = now() where key_id = ${keyId}`;
    expect((await browser.get("/")).status).toBe(303);
  });

  test("with its member", async () => {
    const { id, key } = await edge.addMember("operator", everything);
    const browser = await signedIn(edge, key);
    await edge.sql`update federation.member set disabled_at = now() where id = ${id}`;
    expect((await browser.get("/")).status).toBe(303);
  });

  test("after an hour without use, and after twelve", async () => {
    const idle = await signedIn(edge, (await edge.addMember("operator", everything)).key);
    await edge.sql`update federation.console_session set last_used_at = now() - interval '61 minutes'`;
    expect((await idle.get("/")).status).toBe(303);
    const old = await signedIn(edge, (await edge.addMember("operator", everything)).key);
    await edge.sql`update federation.console_session set created_at = now() - interval '12 hours', expires_at = now()`;
    expect((await old.get("/")).status).toBe(303);
  });

  test("all the same when a page of it is left open: what the page's own script asks for is no use", async () => {
    const open = await signedIn(edge, (await edge.addMember("operator", everything)).key);
    const hash = createHash("sha256")
      .update(open.cookie.split("=")[1] ?? "")
      .digest();
    const idleSeconds = async () => {
      const [row] = await edge.sql`select extract(epoch from now() - last_used_at)::int as idle
        from federation.console_session where token_hash = ${hash}`;
      return row?.["idle"];
    };
    await edge.sql`update federation.console_session set last_used_at = now() - interval '50 minutes'
      where token_hash = ${hash}`;
    expect((await open.get("/", { "federation-refresh": "1" })).status).toBe(200);
    expect(await idleSeconds()).toBeGreaterThanOrEqual(3000);
    expect((await open.get("/")).status).toBe(200);
    expect(await idleSeconds()).toBeLessThan(3000);
  });

  test("with a lockdown of its member's department", async () => {
    const b = await edge.addDepartment();
    const { key } = await edge.addMember("department_admin", ["departments:read"], b.id);
    const browser = await signedIn(edge, key);
    expect((await browser.get("/")).status).toBe(200);
    const path = `/api/v1/departments/${b.id}/lockdown`;
    const { status } = await edge.call("POST", path, { key: edge.adminKey, body: { reason: "test" } });
    expect(status).toBe(202);
    expect((await browser.get("/")).status).toBe(303);
  });
});

test("a session may what its key may, no more; a refusal is on record", async () => {
  const { key } = await edge.addMember("admin", ["keys:read"]);
  const reply = await (await signedIn(edge, key)).get("/");
  expect([reply.status, (await reply.text()).includes("insufficient_scope")]).toEqual([403, true]);
  expect(await actions()).toContainEqual({ action: "console.denied", decision: "denied" });
});

test("the cookie's token is nowhere in the database", async () => {
  const { cookie } = await signedIn(edge, edge.adminKey);
  const [row] = await edge.sql`select string_agg(s::text, ' ') as text from federation.console_session s`;
  expect(row?.["text"]).not.toContain(cookie.split("=")[1] ?? "nothing");
});

test("a page lets in nothing from elsewhere, and its files are kept for good", async () => {
  const { get, page } = await signedIn(edge, edge.adminKey);
  const { headers } = await get("/");
  expect(headers.get("content-security-policy")).toStartWith(
    "default-src 'none'; style-src 'self'; script-src 'self'",
  );
  expect(headers.get("referrer-policy")).toBe("same-origin");
  const files = (await page("/")).match(/\/console\/[0-9a-f]{16}\.(css|js)/g) ?? [];
  expect(files.length).toBe(2);
  for (const file of files) {
    const reply = await edge.app.request(file);
    expect([reply.status, reply.headers.get("cache-control")]).toEqual([
      200,
      "public, max-age=31536000, immutable",
    ]);
  }
});
