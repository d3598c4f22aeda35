import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { parseApiKey } from "../../src/crypto/api-key.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
});
afterAll(() => edge.close());

const credentials = (department: TestDepartment) => ({
  client_id: department.keyId,
  client_secret: parseApiKey(department.key).secret,
});
const issue = (body: object, headers = {}) => edge.call("POST", "/api/v1/token", { body, headers });
const tokenOf = async (department: TestDepartment): Promise<string> =>
  (await issue(credentials(department))).json.access_token;
const read = (department: TestDepartment, key: string) =>
  edge.call("GET", `/api/v1/departments/${department.id}`, { key });
/** The time a revocation may take. */
const settle = () => Bun.sleep(1000);

test("client credentials give a token of 15 minutes that opens the own department only", async () => {
  const reply = await issue({ grant_type: "client_credentials", ...credentials(a) });
  expect(reply.json).toMatchObject({ token_type: "Bearer", expires_in: 900 });
  const claims = decodeJwt(reply.json.access_token);
  expect(claims).toMatchObject({ iss: "http://federation.test", client_id: a.keyId, department: a.id });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
  expect((await read(a, reply.json.access_token)).status).toBe(200);
  expect((await read(b, reply.json.access_token)).status).toBe(404);
});

describe("credentials are taken", () => {
  const form = "application/x-www-form-urlencoded";
  test("as a form", async () => {
    const text = new URLSearchParams({ grant_type: "client_credentials", ...credentials(a) }).toString();
    expect(
      (await edge.call("POST", "/api/v1/token", { text, headers: { "content-type": form } })).status,
    ).toBe(200);
  });
  test("as HTTP Basic", async () => {
    const { client_id, client_secret } = credentials(a);
    const headers = { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}`, "content-type": form };
    expect(
      (await edge.call("POST", "/api/v1/token", { text: "grant_type=client_credentials", headers })).status,
    ).toBe(200);
  });
  test("as the whole key", async () => {
    expect((await issue({ client_id: a.keyId, client_secret: a.key })).status).toBe(200);
  });
});

test("whatever is wrong with the credentials, the answer is one and the same 401", async () => {
  const expired = await edge.addMember("operator", ["departments:read"]);
  await edge.sql`update federation.api_client set expires_at = now() - interval '1 second', created_at = now() - interval '1 day' where key_id = ${expired.keyId}`;
  const wrong = [
    { ...credentials(a), client_secret: "x".repeat(43) },
    { ...credentials(a), client_id: "AAAAAAAA" },
    { ...credentials(a), client_secret: credentials(b).client_secret },
    { client_id: expired.keyId, client_secret: parseApiKey(expired.key).secret },
  ];
  const answers = await Promise.all(wrong.map((body) => issue(body)));
  const bodies = answers.map(({ status, json }) => JSON.stringify({ status, ...json, request_id: "" }));
  expect(answers[0]?.status).toBe(401);
  expect(new Set(bodies).size).toBe(1);
});

test("logins are on record: failed ones of a known key on the platform's stream, good ones on the department's", async () => {
  const good = await issue(credentials(b));
  const bad = await issue({ ...credentials(b), client_secret: "wrong" });
  const unknown = await issue({ client_id: "BBBBBBBB", client_secret: "wrong" });
  const event = async (id: string | null) => [
    ...(await edge.sql`select stream, decision from audit.event where request_id = ${id}`),
  ];
  expect(await event(good.headers.get("x-request-id"))).toEqual([{ stream: b.id, decision: "allowed" }]);
  expect(await event(bad.headers.get("x-request-id"))).toEqual([
    { stream: "00000000-0000-0000-0000-000000000000", decision: "denied" },
  ]);
  expect(await event(unknown.headers.get("x-request-id"))).toEqual([]);
});

test("a scope narrows a token, and never widens it", async () => {
  const narrow = await issue({ ...credentials(a), scope: "query" });
  expect(narrow.json.scope).toBe("query");
  expect((await read(a, narrow.json.access_token)).status).toBe(403);
  const wide = await issue({ ...credentials(a), scope: "query runs:write" });
  expect([wide.status, wide.json.code]).toEqual([422, "invalid_scope"]);
});

test("a pending key gets 30 seconds of self-check and nothing else", async () => {
  const pending = await edge.addDepartment({ status: "provisioning", keyStatus: "pending" });
  const { json } = await issue(credentials(pending));
  expect(json).toMatchObject({ scope: "self:check", expires_in: 30 });
  await edge.sql`update federation.department set schema_state = 'current' where id = ${pending.id}`;
  const check = await edge.call("GET", "/api/v1/self-check", { key: json.access_token });
  expect(check.json).toEqual({ department_id: pending.slug, status: "provisioning", data: "ok" });
  expect((await read(pending, json.access_token)).status).toBe(403);
  expect((await read(pending, pending.key)).status).toBe(403);
});

test("a pending key works from the moment it is activated, and its tokens with it", async () => {
  const pending = await edge.addDepartment({ keyStatus: "pending" });
  expect((await read(pending, pending.key)).status).toBe(403);
  await edge.sql`update federation.api_client set status = 'active' where key_id = ${pending.keyId}`;
  expect((await read(pending, pending.key)).status).toBe(200);
});

test("a revoked key and the tokens of it end within a second", async () => {
  const victim = await edge.addDepartment();
  const token = await tokenOf(victim);
  expect((await read(victim, victim.key)).status).toBe(200);
  const list = await edge.call("GET", `/api/v1/api-keys?department_id=${victim.slug}`, {
    key: edge.adminKey,
  });
  const revoke = () =>
    edge.call("DELETE", `/api/v1/api-keys/${list.json.items[0].id}`, { key: edge.adminKey });
  expect([(await revoke()).status, (await revoke()).status]).toEqual([204, 204]);
  await settle();
  expect((await read(victim, victim.key)).status).toBe(401);
  expect((await read(victim, token)).status).toBe(401);
  expect((await issue(credentials(victim))).status).toBe(401);
});

test("a token loses what its owner's role loses", async () => {
  const person = await edge.addMember("operator", ["departments:read", "runs:write"]);
  const { json } = await issue({ client_id: person.keyId, client_secret: parseApiKey(person.key).secret });
  const cancel = () =>
    edge.call("POST", `/api/v1/runs/${Bun.randomUUIDv7()}/cancel`, { key: json.access_token, body: {} });
  expect((await cancel()).status).toBe(404);
  await edge.sql`update federation.member set role = 'auditor' where id = ${person.id}`;
  await settle();
  expect((await cancel()).status).toBe(403);
});

test("using a key is noted", async () => {
  await read(a, a.key);
  const [row] =
    await edge.sql`select last_used_at is not null as used from federation.api_client where key_id = ${a.keyId}`;
  expect(row?.["used"]).toBe(true);
});

describe("a forged token is 401:", () => {
  const forgeries: Record<string, (token: string) => Promise<string> | string> = {
    "without a signature": (token) => token.split(".").slice(0, 2).join(".") + ".",
    "alg none": (token) => new UnsecuredJWT(decodeJwt(token)).encode(),
    "signed with HS256 by the public key": async (token) => {
      const { keys } = (await edge.call("GET", "/.well-known/jwks.json")).json;
      const header = { ...decodeProtectedHeader(token), alg: "HS256" };
      return new SignJWT(decodeJwt(token))
        .setProtectedHeader(header)
        .sign(Buffer.from(keys[0].x, "base64url"));
    },
    "signed by another key under our kid": async (token) => {
      const { privateKey } = await generateKeyPair("EdDSA");
      return new SignJWT(decodeJwt(token))
        .setProtectedHeader({ ...decodeProtectedHeader(token), alg: "EdDSA" })
        .sign(privateKey);
    },
    "with its own key in the header": async (token) => {
      const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
      const header = { alg: "EdDSA", typ: "at+jwt", jwk: await exportJWK(publicKey) };
      return new SignJWT(decodeJwt(token)).setProtectedHeader(header).sign(privateKey);
    },
    "under an unknown kid": (token) =>
      replaceHeader(token, { ...decodeProtectedHeader(token), kid: "nobody" }),
    "with a critical extension": (token) =>
      replaceHeader(token, { ...decodeProtectedHeader(token), crit: ["b64"], b64: false }),
    "with another department": (token) => replacePayload(token, { department: b.id }),
    "with a padded end": (token) => `${token}=`,
    "with another spelling of its end": (token) => token.slice(0, -1) + respell(token.slice(-1)),
  };
  test.each(Object.entries(forgeries).map(([name, forge]) => ({ name, forge })))(
    "$name",
    async ({ forge }) => {
      const token = await tokenOf(a);
      expect((await read(a, token)).status).toBe(200);
      const reply = await read(a, await forge(token));
      expect([reply.status, reply.json.code]).toEqual([401, "invalid_token"]);
    },
  );
});

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const replaceHeader = (token: string, header: object) =>
  [encode(header), ...token.split(".").slice(1)].join(".");
function replacePayload(token: string, change: object): string {
  const [header, , signature] = token.split(".");
  return [header, encode({ ...decodeJwt(token), ...change }), signature].join(".");
}
/** The last letter of 64 bytes carries two bits only: its neighbour decodes to the same signature. */
function respell(letter: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return letters[letters.indexOf(letter) + 1] ?? "";
}

test("the published keys are public, and the private half is sealed in the database", async () => {
  const { json } = await edge.call("GET", "/.well-known/jwks.json");
  expect(json.keys.map((key: object) => Object.keys(key).sort())).toEqual([
    ["alg", "crv", "kid", "kty", "use", "x"],
  ]);
  const [row] = await edge.sql`select private_sealed from federation.signing_key`;
  expect(row?.["private_sealed"]).toStartWith("fedc1.");
});

test("no log line holds a key, a token or a secret", async () => {
  await issue({ ...credentials(a), client_secret: "wrong" });
  const logs = edge.lines.join("\n");
  for (const secret of [a.key, edge.adminKey, credentials(a).client_secret])
    expect(logs).not.toContain(secret);
});
