import { expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalJson } from "../../src/crypto/canonical-json.ts";
import { signDocument, verifyDocument } from "../../src/crypto/certificate.ts";
import { scramVerifier } from "../../src/crypto/scram.ts";
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

test("a SCRAM verifier is the one of RFC 7677's example", async () => {
  const verifier = await scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"));
  expect(verifier).toBe(
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
});
