import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Secret } from "../../../src/crypto/secret.ts";
import { createOAuthProvider } from "../../../src/providers/google/create-oauth-provider.ts";
import { createDiscovery } from "../../../src/providers/google/discovery.ts";
import { OAuthError } from "../../../src/providers/google/oauth-error.ts";
import type { OAuthProvider } from "../../../src/providers/google/oauth-provider.ts";
import { type Fault, faults } from "../../fakes/google/faults.ts";
import { type FakeGoogle, startFakeGoogle } from "../../fakes/google/start-fake-google.ts";

let google: FakeGoogle;
let provider: OAuthProvider;
beforeAll(async () => void (google = await startFakeGoogle()));
afterAll(() => google.close());
beforeEach(() => void (provider = createOAuthProvider({ issuer: google.issuer, timeoutMs: 300 })));

function grant(project?: string) {
  const client = google.addClient(project === undefined ? {} : { project });
  const { token } = google.store.addRefreshToken(client.clientId, "1", ["openid"]);
  return {
    client: { clientId: client.clientId, clientSecret: new Secret(client.clientSecret) },
    refreshToken: new Secret(token),
  };
}

async function errorOf(call: Promise<unknown>): Promise<OAuthError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof OAuthError) return error;
  throw new Error(`no OAuthError but ${String(error)}`);
}

const answer = (status: number, body: object): Fault => ({
  kind: "answer",
  status,
  body: JSON.stringify(body),
});
const unlike: [string, Fault, OAuthError["kind"], string][] = [
  ["a 500", faults.serverError, "transient", "internal_failure"],
  ["a 503", faults.unavailable, "transient", "temporarily_unavailable"],
  ["a 502 in HTML", faults.html, "transient", "http_502"],
  ["a 200 that is no JSON", faults.notJson, "transient", "malformed"],
  ["a 200 without a token", answer(200, { token_type: "Bearer" }), "transient", "malformed"],
  ["a redirect, which is not followed", faults.redirect, "transient", "malformed"],
  ["a dropped connection", faults.drop, "transient", "network"],
  ["an answer that never comes", faults.hang, "transient", "timeout"],
  [
    "an answer without end",
    answer(200, { access_token: "x".repeat(300_000) }),
    "transient",
    "answer_too_large",
  ],
  ["a 400 without an error", answer(400, {}), "transient", "malformed"],
  ["an error that is no word", answer(400, { error: "1//secret" }), "transient", "malformed"],
  [
    "temporarily_unavailable with 400",
    answer(400, { error: "temporarily_unavailable" }),
    "transient",
    "temporarily_unavailable",
  ],
  ["invalid_grant", answer(400, { error: "invalid_grant" }), "reconsent", "invalid_grant"],
  ["invalid_grant of an ended session", faults.sessionExpired, "reconsent", "invalid_grant"],
  ["deleted_client", answer(401, { error: "deleted_client" }), "client_broken", "deleted_client"],
  [
    "unauthorized_client",
    answer(401, { error: "unauthorized_client" }),
    "client_broken",
    "unauthorized_client",
  ],
  ["admin_policy_enforced", faults.adminPolicy, "refused", "admin_policy_enforced"],
  ["org_internal", answer(403, { error: "org_internal" }), "refused", "org_internal"],
  ["invalid_scope", answer(400, { error: "invalid_scope" }), "refused", "invalid_scope"],
];

test.each(unlike)("%s", async (_name, fault, kind, reason) => {
  google.failNext(fault);
  const error = await errorOf(provider.refresh(grant()));
  expect([error.kind, error.reason]).toEqual([kind, reason]);
  expect(error.retryable).toBe(kind === "transient");
  expect(error.cause).toBeUndefined();
});

describe("a call", () => {
  test("that is to wait says for how long, in seconds or as a date", async () => {
    google.failNext(faults.rateLimited(42));
    expect((await errorOf(provider.refresh(grant()))).retryAfterSeconds).toBe(42);
    const date = new Date(Date.now() + 90_000).toUTCString();
    google.failNext({ kind: "answer", status: 503, body: "{}", headers: { "retry-after": date } });
    const seconds = (await errorOf(provider.refresh(grant()))).retryAfterSeconds;
    expect(seconds).toBeGreaterThan(80);
    expect(seconds).toBeLessThanOrEqual(90);
  });

  test("ends when its caller gives up", async () => {
    google.failNext(faults.hang);
    const caller = new AbortController();
    setTimeout(() => caller.abort(), 20);
    const error = await errorOf(provider.refresh({ ...grant(), signal: caller.signal }));
    expect(error.reason).toBe("aborted");
  });

  test("has one limit for all it needs: slow discovery does not lengthen it", async () => {
    let asked = 0;
    const slow = createOAuthProvider({
      issuer: google.issuer,
      timeoutMs: 300,
      async fetch(url, init) {
        asked += 1;
        await Bun.sleep(200);
        return await fetch(url, init);
      },
    });
    expect((await errorOf(slow.refresh(grant()))).reason).toBe("timeout");
    expect(asked).toBe(2);
  });

  test("needs no client to end a grant, which ends all of the account in the project", async () => {
    const [one, sibling, elsewhere] = [grant("shared"), grant("shared"), grant("another")];
    await provider.revoke({ token: one.refreshToken });
    expect((await errorOf(provider.refresh(sibling))).kind).toBe("reconsent");
    expect((await provider.refresh(elsewhere)).accessToken.reveal()).not.toBe("");
  });
});

describe("discovery", () => {
  test("is asked for when it is first needed, once for all, and not again", async () => {
    const before = google.counts.discovery;
    await Promise.all(Array.from({ length: 50 }, () => provider.refresh(grant())));
    await provider.refresh(grant());
    expect(google.counts.discovery - before).toBe(1);
  });

  test("that fails makes a call transient, and the next call asks again", async () => {
    const nowhere = createOAuthProvider({ issuer: "http://127.0.0.1:1" });
    expect((await errorOf(nowhere.refresh(grant()))).reason).toBe("network");
    let isDown = true;
    const issuer = new URL(google.issuer);
    const discovery = createDiscovery(async () => {
      if (isDown) throw new OAuthError("transient", "network");
      return await fetch(new URL("/.well-known/openid-configuration", issuer));
    }, issuer);
    await errorOf(discovery());
    isDown = false;
    expect((await discovery()).issuer).toBe(google.issuer);
  });

  test("is renewed after a day, and stays in use when that fails", async () => {
    const issuer = new URL(google.issuer);
    let [now, asked] = [0, 0];
    const discovery = createDiscovery(
      async () => {
        asked += 1;
        if (asked > 1) throw new OAuthError("transient", "network");
        return await fetch(new URL("/.well-known/openid-configuration", issuer));
      },
      issuer,
      () => now,
    );
    await discovery();
    now += 23 * 3_600_000;
    await discovery();
    expect(asked).toBe(1);
    now += 2 * 3_600_000;
    expect((await discovery()).issuer).toBe(google.issuer);
    await discovery();
    expect(asked).toBe(2);
  });

  test("of another issuer, or with an endpoint that is neither https nor on loopback, is not used", async () => {
    const serve = async (metadata: (issuer: string) => object) => {
      let listener: RequestListener = () => {};
      const server = createServer((req, res) => listener(req, res));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      listener = (_req, res) =>
        res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(metadata(issuer)));
      const error = await errorOf(createOAuthProvider({ issuer }).refresh(grant()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      return error.reason;
    };
    expect(await serve(() => ({ issuer: "http://127.0.0.1:2" }))).toBe("discovery_failed");
    expect(await serve((issuer) => ({ issuer, token_endpoint: "http://example.org/token" }))).toBe(
      "endpoint_not_allowed",
    );
    expect(await serve((issuer) => ({ issuer }))).toBe("endpoint_missing");
  });

  test.each(["http://accounts.example.org", "ftp://127.0.0.1"])("%s is no issuer", (issuer) => {
    expect(() => createOAuthProvider({ issuer })).toThrow("OAUTH_ISSUER");
  });
});

describe("the authorization URL", () => {
  const request = {
    clientId: "client",
    redirectUri: "http://127.0.0.1/back",
    scopes: ["openid", "email"],
    state: "s",
    nonce: "n",
    codeChallenge: "c",
  };

  test("asks for a refresh token every time, and never for the grants of other clients", async () => {
    const url = await provider.authorizeUrl({ ...request, hostedDomain: "example.org" });
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: "client",
      redirect_uri: "http://127.0.0.1/back",
      response_type: "code",
      scope: "openid email",
      state: "s",
      nonce: "n",
      code_challenge: "c",
      code_challenge_method: "S256",
      access_type: "offline",
      prompt: "consent",
      hd: "example.org",
    });
  });

  test("leads to what the person does: a part of the scopes, a refusal, or an error page", async () => {
    const redirectUri = "http://127.0.0.1/back";
    const client = google.addClient({ redirectUris: [redirectUri] });
    const scopes = ["openid", "https://a.example/one", "https://a.example/two"];
    const url = await provider.authorizeUrl({ ...request, clientId: client.clientId, scopes });
    const visit = async (to: URL): Promise<Record<string, unknown>> => {
      const response = await fetch(to, { redirect: "manual" });
      const location = response.headers.get("location");
      const query = new URL(location ?? "http://nowhere").searchParams;
      return { status: response.status, ...Object.fromEntries(query) };
    };
    google.person.grantsOnly = ["https://a.example/two"];
    expect(await visit(url)).toMatchObject({
      status: 302,
      scope: "openid https://a.example/two",
      state: "s",
    });
    google.person.refuses = "access_denied";
    expect(await visit(url)).toEqual({ status: 302, error: "access_denied", state: "s" });
    Object.assign(google.person, { grantsOnly: undefined, refuses: undefined });
    url.searchParams.set("redirect_uri", "http://127.0.0.1/elsewhere");
    expect((await visit(url))["status"]).toBe(400);
  });
});

describe("the fake", () => {
  test("gives a refresh token at the first consent only, unless the consent is asked for again", async () => {
    const redirectUri = "http://127.0.0.1/back";
    const client = google.addClient({ redirectUris: [redirectUri] });
    const url = new URL("/o/oauth2/v2/auth", google.issuer);
    const query = {
      client_id: client.clientId,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: "email",
      access_type: "offline",
    };
    url.search = new URLSearchParams(query).toString();
    const hasRefreshToken = async (prompt?: string) => {
      if (prompt) url.searchParams.set("prompt", prompt);
      const { headers } = await fetch(url, { redirect: "manual" });
      const code = new URL(headers.get("location") ?? "").searchParams.get("code") ?? "";
      const body = new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUri,
        client_id: client.clientId,
        client_secret: client.clientSecret,
      });
      const response = await fetch(new URL("/token", google.issuer), { method: "POST", body });
      return "refresh_token" in ((await response.json()) as object);
    };
    expect([await hasRefreshToken(), await hasRefreshToken(), await hasRefreshToken("consent")]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("keeps 100 refresh tokens of an account for a client, and drops the oldest without a word", async () => {
    const { client, refreshToken } = grant();
    for (let more = 0; more < 99; more += 1) google.store.addRefreshToken(client.clientId, "1", []);
    await provider.refresh({ client, refreshToken });
    google.store.addRefreshToken(client.clientId, "1", []);
    expect((await errorOf(provider.refresh({ client, refreshToken }))).reason).toBe("invalid_grant");
  });
});
