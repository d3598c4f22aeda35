import { afterAll, beforeAll, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { createApp } from "../../src/app.ts";
import { mintApiKey, parseApiKey } from "../../src/crypto/api-key.ts";
import { createFailedLogins } from "../../src/limits/failed-logins.ts";
import { authenticateBearer } from "../../src/tokens/authenticate-bearer.ts";
import { createRevokedTokens } from "../../src/tokens/revoked-tokens.ts";
import { createSigningKeys } from "../../src/tokens/signing-keys.ts";
import { purgeRevoked } from "../../src/tokens/purge-revoked.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
let elsewhere: ReturnType<typeof createApp>;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  elsewhere = createApp(edge.deps);
});
afterAll(() => edge.close());

const tokenOf = async ({ keyId, key }: { keyId: string; key: string }): Promise<string> => {
  const body = { client_id: keyId, client_secret: parseApiKey(key).secret };
  return (await edge.call("POST", "/api/v1/token", { body })).json.access_token;
};
const revoke = (key: string, token: string) =>
  edge.call("POST", "/api/v1/token/revoke", { key, body: { token } });
const path = (department: TestDepartment) => `/api/v1/departments/${department.id}`;
const here = async (department: TestDepartment, token: string) =>
  (await edge.call("GET", path(department), { key: token })).status;
const there = async (department: TestDepartment, token: string) =>
  (await elsewhere.request(path(department), { headers: { authorization: `Bearer ${token}` } })).status;
const settle = () => Bun.sleep(1000);
const isRevoked = async (token: string) => {
  const jti = String(decodeJwt(token).jti);
  const [row] = await edge.sql`select from federation.revoked_token where jti = ${jti}`;
  return row !== undefined;
};

test("a revoked token is refused within a second by every process, and the key's other tokens go on", async () => {
  const [token, other] = [await tokenOf(a), await tokenOf(a)];
  expect([await here(a, token), await there(a, token)]).toEqual([200, 200]);
  expect((await revoke(token, token)).status).toBe(200);
  await settle();
  expect([await here(a, token), await there(a, token)]).toEqual([401, 401]);
  expect([await here(a, other), await there(a, other)]).toEqual([200, 200]);
  const [event] =
    await edge.sql`select actor_kind, decision from audit.event where action = 'token.revoke' and stream = ${a.id}`;
  expect(event).toEqual({ actor_kind: "client", decision: "done" });
});

test("what is no token of ours is 200 and changes nothing (RFC 7009)", async () => {
  const token = await tokenOf(a);
  for (const text of ["nonsense", `${token}=`, a.key, token.slice(0, -4)]) {
    const reply = await revoke(a.key, text);
    expect([reply.status, reply.json]).toEqual([200, {}]);
  }
  expect(await isRevoked(token)).toBe(false);
  expect([(await revoke(a.key, token)).status, (await revoke(a.key, token)).status]).toEqual([200, 200]);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const again = await tokenOf(a);
  const text = new URLSearchParams({ token: again, token_type_hint: "access_token" }).toString();
  expect((await edge.call("POST", "/api/v1/token/revoke", { key: a.key, text, headers: form })).status).toBe(
    200,
  );
  expect(await isRevoked(again)).toBe(true);
});

test("only its own key, or who may end that key, revokes a token", async () => {
  const token = await tokenOf(a);
  expect((await revoke(b.key, token)).status).toBe(200);
  expect(await isRevoked(token)).toBe(false);
  const reader = await edge.addMember("operator", ["departments:read"]);
  expect((await revoke(reader.key, token)).status).toBe(403);
  const operator = await edge.addMember("operator", ["keys:write"]);
  const ofAdmin = await tokenOf({ keyId: parseApiKey(edge.adminKey).id, key: edge.adminKey });
  expect((await revoke(operator.key, ofAdmin)).json.code).toBe("role_not_yours");
  expect(await isRevoked(ofAdmin)).toBe(false);
  expect((await revoke(operator.key, token)).status).toBe(200);
  expect(await isRevoked(token)).toBe(true);
  expect((await edge.call("POST", "/api/v1/token/revoke", { body: { token } })).status).toBe(401);
});

test("however many requests ask, the revoked ids are read once in 0.9 s", async () => {
  let reads = 0;
  let now = 0;
  const counted = Object.assign((...given: Parameters<typeof edge.deps.db.app>) => {
    reads += 1;
    return edge.deps.db.app(...given);
  }, edge.deps.db.app);
  const revoked = createRevokedTokens(counted as typeof edge.deps.db.app, () => now);
  await Promise.all(Array.from({ length: 64 }, () => revoked.has(Bun.randomUUIDv7())));
  expect(reads).toBe(1);
  now = 899;
  await revoked.has("x");
  expect(reads).toBe(1);
  now = 900;
  await revoked.has("x");
  expect(reads).toBe(2);
});

test("revoked tokens are forgotten when they have ended anyway, not before", async () => {
  const token = await tokenOf(a);
  await revoke(a.key, token);
  await purgeRevoked(edge.deps.db.app);
  expect(await isRevoked(token)).toBe(true);
  await edge.sql`update federation.revoked_token set expires_at = now() - interval '61 minutes'`;
  expect(await purgeRevoked(edge.deps.db.app)).toBeGreaterThan(0);
  expect(await isRevoked(token)).toBe(false);
});

test("a key of another environment is refused before anything is looked up", async () => {
  const foreign = mintApiKey("production").text.reveal();
  const [, , id = ""] = foreign.split("_");
  const { db, vault, config } = edge.deps;
  const means = {
    db,
    config,
    clients: { find: () => Promise.reject(new Error("looked up")) },
    signingKeys: createSigningKeys({ sql: db.app, vault }),
    revokedTokens: createRevokedTokens(db.app),
    failedLogins: createFailedLogins(db.app),
  };
  const refused = await authenticateBearer(means, `Bearer ${foreign}`, "127.0.0.1").catch((error) => error);
  expect(refused).toMatchObject({ status: 401, code: "invalid_key" });
  expect((await edge.call("GET", path(a), { key: foreign })).status).toBe(401);
  const body = { client_id: id, client_secret: foreign };
  expect((await edge.call("POST", "/api/v1/token", { body })).json.code).toBe("invalid_client");
});
