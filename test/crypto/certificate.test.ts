import { expect, test } from "bun:test";
import fc from "fast-check";
import { FlattenedSign } from "jose";
import { canonicalJson } from "../../src/crypto/canonical-json.ts";
import { signDocument, verifyDocument } from "../../src/crypto/certificate.ts";
import { generateSigningKey, importPublicKey, importSigningKey } from "../../src/crypto/signing-key.ts";

async function newKey() {
  const { kid, publicKey, privateJwk } = await generateSigningKey();
  return {
    signing: await importSigningKey(kid, privateJwk.reveal()),
    verifying: await importPublicKey(publicKey),
    kid,
  };
}

test("a signed document verifies with its key, whatever the order of its members", async () => {
  const { signing, verifying, kid } = await newKey();
  const signed = await signDocument(signing, { b: [1, { d: null, c: "x" }], a: true });
  expect(signed.kid).toBe(kid);
  const reordered = { ...signed, document: { a: true, b: [1, { c: "x", d: null }] } };
  expect(await verifyDocument(verifying, reordered)).toBe(true);
});

test("another document, key or signature does not verify", async () => {
  const { signing, verifying } = await newKey();
  const signed = await signDocument(signing, { department: "hr", rows: 1 });
  expect(await verifyDocument(verifying, { ...signed, document: { department: "hr", rows: 2 } })).toBe(false);
  expect(await verifyDocument(verifying, { ...signed, document: { department: "hr" } })).toBe(false);
  expect(await verifyDocument((await newKey()).verifying, signed)).toBe(false);
  const other = await signDocument(signing, { department: "sales" });
  expect(await verifyDocument(verifying, { ...signed, signature: other.signature })).toBe(false);
  expect(
    await verifyDocument(verifying, { ...signed, signature: signed.signature.replace("..", ".e30.") }),
  ).toBe(false);
});

test("a certificate has one spelling, names its key and is no signature made for something else", async () => {
  const { signing, verifying } = await newKey();
  const signed = await signDocument(signing, { department: "hr" });
  expect(await verifyDocument(verifying, signed)).toBe(true);
  const { signature } = signed;
  const last = signature.at(-1) ?? "";
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const twin = signature.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) ^ 1);
  for (const text of ["", "..", `${signature}=`, `${signature}\n`, ` ${signature}`, `${signature}.x`, twin])
    expect(await verifyDocument(verifying, { ...signed, signature: text })).toBe(false);
  expect(await verifyDocument(verifying, { ...signed, kid: "other" })).toBe(false);
  const header = { alg: "EdDSA", kid: signing.kid, typ: "federation-certificate+jws" };
  const resign = async (more: object) => {
    const payload = new TextEncoder().encode(canonicalJson(signed.document));
    const jws = await new FlattenedSign(payload).setProtectedHeader({ ...header, ...more }).sign(signing.key);
    return verifyDocument(verifying, { ...signed, signature: `${jws.protected}..${jws.signature}` });
  };
  expect(await resign({})).toBe(true);
  for (const more of [{ typ: "at+jwt" }, { typ: undefined }, { kid: "other" }, { jku: "https://evil.test" }])
    expect(await resign(more)).toBe(false);
});

test("one value has one canonical text, and two values have two", () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([name, member]) => [name, shuffled(member)]),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
