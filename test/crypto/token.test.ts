import { beforeAll, expect, test } from "bun:test";
import { createHmac, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { SignJWT } from "jose";
import {
  generateSigningKey,
  importPublicKey,
  importSigningKey,
  type SigningKey,
} from "../../src/crypto/signing-key.ts";
import { signToken, verifyToken } from "../../src/crypto/token.ts";
import { unavailable } from "../../src/errors.ts";

const issuer = "https://federation.test";
const claims = {
  sub: "client-1",
  clientId: "abcd1234",
  departmentId: Bun.randomUUIDv7(),
  scopes: ["query", "data:read"],
};
let key: SigningKey;
let publicKey: CryptoKey;
let rawPublic: string;

beforeAll(async () => {
  const generated = await generateSigningKey();
  key = await importSigningKey(generated.kid, generated.privateJwk.reveal());
  publicKey = await importPublicKey(generated.publicKey);
  rawPublic = generated.publicKey.x;
});

const sign = (ttlSeconds = 60) => signToken({ key, issuer, audience: issuer, claims, ttlSeconds });
const verify = (text: string, more: { issuer?: string; audience?: string; now?: Date } = {}) => {
  const keys = (kid: string) => Promise.resolve(kid === key.kid ? publicKey : undefined);
  return verifyToken(text, { keys, issuer, audience: issuer, ...more });
};
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "accepted",
    (error: { code?: string }) => error.code,
  );
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = () => Math.floor(Date.now() / 1000);
const payload = (more: object = {}) => ({
  iss: issuer,
  aud: issuer,
  sub: "client-1",
  client_id: "abcd1234",
  scope: "query",
  jti: Bun.randomUUIDv7(),
  iat: now(),
  exp: now() + 60,
  ...more,
});
const forge = (header: object, more: object = {}) =>
  new SignJWT(payload(more))
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: key.kid, ...header })
    .sign(key.key);

test("a token says who it is for", async () => {
  const { token, jti, expiresAt } = await sign();
  const verified = await verify(token);
  expect(verified).toMatchObject({ ...claims, jti, expiresAt });
});

test("a token lives fifteen minutes at most", async () => {
  expect(await codeOf(sign(901))).toBe("bad_ttl");
  expect(await codeOf(sign(0))).toBe("bad_ttl");
  expect(await codeOf(sign(Number.NaN))).toBe("bad_ttl");
  expect(await codeOf(sign(0.5))).toBe("bad_ttl");
  expect(await codeOf(verify(await forge({}, { exp: now() + 901 })))).toBe("invalid_token");
});

test("no other algorithm is taken: none, HS256 with the public key, RSA", async () => {
  const body = part(payload());
  const none = `${part({ alg: "none", typ: "at+jwt", kid: key.kid })}.${body}.`;
  const head = part({ alg: "HS256", typ: "at+jwt", kid: key.kid });
  const mac = createHmac("sha256", Buffer.from(rawPublic, "base64url"))
    .update(`${head}.${body}`)
    .digest("base64url");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsa = await new SignJWT(payload())
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: key.kid })
    .sign(privateKey);
  for (const text of [none, `${none}AA`, `${head}.${body}.${mac}`, rsa])
    expect(await codeOf(verify(text))).toBe("invalid_token");
});

test("a header with anything of its own is refused: jku, jwk, x5u, crit, b64, another typ or kid", async () => {
  const headers = [
    { jku: "https://evil.test/jwks" },
    { jwk: { kty: "OKP" } },
    { x5u: "https://evil.test" },
    { x5c: ["AA"] },
    { typ: "JWT" },
    { typ: "application/at+jwt" },
    { typ: "AT+JWT" },
    { typ: undefined },
    { kid: "../../etc/passwd" },
    { kid: "unknown" },
    { kid: undefined },
    { extra: 1 },
  ];
  for (const header of headers) expect(await codeOf(verify(await forge(header)))).toBe("invalid_token");
  const crit = `${part({ alg: "EdDSA", typ: "at+jwt", kid: key.kid, crit: ["b64"], b64: false })}.${part(payload())}.AA`;
  expect(await codeOf(verify(crit))).toBe("invalid_token");
});

test("another issuer, audience, or missing and malformed claims are refused", async () => {
  const { token } = await sign();
  expect(await codeOf(verify(token, { issuer: "https://other.test" }))).toBe("invalid_token");
  expect(await codeOf(verify(token, { audience: "https://other.test" }))).toBe("invalid_token");
  const claimsOff = [
    { jti: undefined },
    { sub: undefined },
    { exp: undefined },
    { iat: undefined },
    { client_id: 7 },
    { department: "hr" },
  ];
  for (const more of claimsOff) expect(await codeOf(verify(await forge({}, more)))).toBe("invalid_token");
});

test("clocks may differ by five seconds, not more", async () => {
  const { token, expiresAt } = await sign();
  const at = (seconds: number) => new Date(seconds * 1000);
  expect(await codeOf(verify(token, { now: at(expiresAt + 4) }))).toBe("accepted");
  expect(await codeOf(verify(token, { now: at(expiresAt + 6) }))).toBe("invalid_token");
  expect(await codeOf(verify(token, { now: at(expiresAt - 60 - 4) }))).toBe("accepted");
  expect(await codeOf(verify(token, { now: at(expiresAt - 60 - 7) }))).toBe("invalid_token");
});

test("whatever the clocks say, a token is taken from 5 s before its issue until 5 s after its end", async () => {
  const { token, expiresAt } = await sign();
  const issuedAt = expiresAt - 60;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -120, max: 180 }), async (seconds) => {
      const taken = seconds >= -5 && seconds < 60 + 5;
      const code = await codeOf(verify(token, { now: new Date((issuedAt + seconds) * 1000) }));
      expect(code).toBe(taken ? "accepted" : "invalid_token");
    }),
    { numRuns: 300 },
  );
});

test("keys that cannot be looked up are no verdict on the token", async () => {
  const { token } = await sign();
  const down = unavailable("database_unavailable", "The database does not answer.");
  const keys = () => Promise.reject(down);
  expect(await verifyToken(token, { keys, issuer, audience: issuer }).catch((error) => error)).toBe(down);
});

test("a refusal says why to nobody but the log", async () => {
  const refusal = await verify(`${(await sign()).token}=`).catch((error) => error);
  expect(refusal).toMatchObject({ status: 401, code: "invalid_token" });
  expect(refusal.message).toBe("The access token is not valid.");
  expect(refusal.cause).toBeInstanceOf(Error);
});

test("a token has exactly one spelling", async () => {
  const { token } = await sign();
  const last = token.at(-1) ?? "";
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const twin = alphabet.charAt(alphabet.indexOf(last) ^ 1);
  const spellings = [
    `${token}=`,
    `${token}==`,
    ` ${token}`,
    `${token} `,
    `${token}\n`,
    token.slice(0, -1) + twin,
    `${token}.`,
  ];
  for (const text of spellings) expect(await codeOf(verify(text))).toBe("invalid_token");
  const [head = "", body = "", signature = ""] = token.split(".");
  expect(await codeOf(verify(`${head}=.${body}.${signature}`))).toBe("invalid_token");
  expect(await codeOf(verify(`${head}.${body}.${"A".repeat(9000)}`))).toBe("invalid_token");
});

test("with any part of another token it is refused", async () => {
  const one = (await sign()).token.split(".");
  const other = (await sign()).token.split(".");
  for (const index of [1, 2]) {
    const mixed = one.map((text, at) => (at === index ? other[at] : text)).join(".");
    expect(await codeOf(verify(mixed))).toBe("invalid_token");
  }
});
