import { expect, test } from "bun:test";
import fc from "fast-check";
import { matchesHash, mintApiKey, parseApiKey } from "../../src/crypto/api-key.ts";

test("a minted key has the published shape, and its hash fits its own secret only", () => {
  for (const [environment, short] of [
    ["development", "dev"],
    ["staging", "stg"],
    ["production", "prod"],
  ] as const) {
    const key = mintApiKey(environment);
    expect(key.text.reveal()).toMatch(
      new RegExp(`^fed_${short}_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$`),
    );
    const { id, secret } = parseApiKey(key.text.reveal());
    expect(id).toBe(key.id);
    expect(matchesHash(secret, key.secretHash)).toBe(true);
    expect(matchesHash(mintApiKey(environment).text.reveal(), key.secretHash)).toBe(false);
    expect(matchesHash(secret, key.secretHash.subarray(0, 31))).toBe(false);
  }
});

test("any one letter mistyped is found before the database is asked", () => {
  const text = mintApiKey("production").text.reveal();
  const position = fc.integer({ min: 0, max: text.length - 1 });
  const letter = fc.constantFrom(..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_- =");
  fc.assert(
    fc.property(position, letter, (at, other) => {
      fc.pre(text.charAt(at) !== other);
      expect(() => parseApiKey(text.slice(0, at) + other + text.slice(at + 1))).toThrow("not valid");
    }),
    { numRuns: 2000 },
  );
});

test("two letters swapped, one lost or one too many are found", () => {
  const text = mintApiKey("development").text.reveal();
  for (let at = 0; at < text.length - 1; at++) {
    const swapped = text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2);
    if (swapped !== text) expect(() => parseApiKey(swapped)).toThrow("not valid");
    expect(() => parseApiKey(text.slice(0, at) + text.slice(at + 1))).toThrow("not valid");
    expect(() => parseApiKey(`${text.slice(0, at)}x${text.slice(at)}`)).toThrow("not valid");
  }
});

test("a thousand keys have a thousand ids and secrets", () => {
  const keys = Array.from({ length: 1000 }, () => mintApiKey("development"));
  expect(new Set(keys.map((key) => key.id)).size).toBe(1000);
  expect(new Set(keys.map((key) => key.secretHash.toString("hex"))).size).toBe(1000);
});
