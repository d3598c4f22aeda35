import { expect, test } from "bun:test";
import { environmentKeyProvider, generateKek, type WrapContext } from "../../src/crypto/kek.ts";
import { open, seal, type SealPlace } from "../../src/crypto/seal.ts";
import { Secret } from "../../src/crypto/secret.ts";

/** Every combination of one of the values of each field. */
function combinations<T extends object>(fields: { [name in keyof T]: readonly T[name][] }): T[] {
  return Object.entries(fields).reduce<object[]>(
    (all, [name, values]) =>
      all.flatMap((one) => (values as unknown[]).map((value) => ({ ...one, [name]: value }))),
    [{}],
  ) as T[];
}

const newKey = () => ({ id: Bun.randomUUIDv7(), bytes: crypto.getRandomValues(new Uint8Array(32)) });
const opens = (run: () => string) => {
  try {
    return run();
  } catch {
    return undefined;
  }
};

/** The second value of a field is one that a careless encoding would confuse with its neighbour. */
const places = combinations<SealPlace>({
  environment: ["staging", "production"],
  departmentId: ["", "d1"],
  table: ["credential", "credentialaccess"],
  column: ["access_sealed", "_sealed"],
  rowId: ["1", "11"],
  rowVersion: [0, 1],
});

test("of all places, a sealed value opens at its own only", () => {
  const key = newKey();
  const sealed = places.map((place) => seal(key, place, JSON.stringify(place)));
  let accepted = 0;
  for (const [from, text] of sealed.entries())
    for (const [to, place] of places.entries()) {
      const opened = opens(() => open(key, place, text));
      if (from === to) expect(opened).toBe(JSON.stringify(place));
      else if (opened !== undefined) accepted += 1;
    }
  expect([places.length, accepted]).toEqual([64, 0]);
});

test("of all keys, a sealed value opens with its own only, whatever id it bears", () => {
  const keys = Array.from({ length: 20 }, newKey);
  const [place] = places as [SealPlace];
  let accepted = 0;
  for (const own of keys) {
    const sealed = seal(own, place, "value");
    for (const other of keys.filter((key) => key !== own))
      for (const [id, text] of [
        [other.id, sealed],
        [own.id, sealed],
        [other.id, sealed.replace(own.id, other.id)],
      ] as const)
        if (opens(() => open({ id, bytes: other.bytes }, place, text)) !== undefined) accepted += 1;
    const renamed = { id: Bun.randomUUIDv7(), bytes: own.bytes };
    if (opens(() => open(renamed, place, sealed.replace(own.id, renamed.id))) !== undefined) accepted += 1;
  }
  expect(accepted).toBe(0);
});

test("with any bit of its text flipped, cut or swapped with another's, a sealed value does not open", () => {
  const key = newKey();
  const [place] = places as [SealPlace];
  for (const plaintext of ["", "x", "a refresh token of some length"]) {
    const [one, other] = [seal(key, place, plaintext), seal(key, place, plaintext)];
    const texts = [...bitFlips(one), ...truncations(one), ...splices(one, other)];
    const accepted = texts.filter((text) => opens(() => open(key, place, text)) !== undefined);
    expect(accepted).toEqual([]);
  }
});

const contexts = combinations<WrapContext>({
  environment: ["staging", "production"],
  departmentId: ["", "d1"],
  purpose: ["data", "gateway-seal"],
  dataKeyId: ["k1", "k11"],
});

test("of all contexts and KEKs, a wrapped key opens in its own only", async () => {
  const dataKey = newKey().bytes;
  const providers = Array.from({ length: 3 }, () =>
    environmentKeyProvider({ current: new Secret(generateKek()) }),
  );
  let accepted = 0;
  for (const own of providers)
    for (const context of contexts) {
      const wrapped = await own.wrap(dataKey, context);
      for (const other of providers)
        for (const elsewhere of contexts) {
          const renamed = wrapped.replace(own.currentId, other.currentId);
          const opened = await other.unwrap(renamed, elsewhere).catch(() => undefined);
          if (own === other && context === elsewhere) expect(opened).toEqual(Buffer.from(dataKey));
          else if (opened) accepted += 1;
        }
    }
  expect([contexts.length, accepted]).toEqual([16, 0]);
});

test("with any bit of its text flipped, cut or swapped with another's, a wrapped key does not open", async () => {
  const provider = environmentKeyProvider({ current: new Secret(generateKek()) });
  const [context] = contexts as [WrapContext];
  const [one, other] = [
    await provider.wrap(newKey().bytes, context),
    await provider.wrap(newKey().bytes, context),
  ];
  for (const text of [...bitFlips(one), ...truncations(one), ...splices(one, other)]) {
    const opened = await provider.unwrap(text, context).catch(() => undefined);
    expect([text, opened]).toEqual([text, undefined]);
  }
});

/** Of every byte of the text as it is stored, and of every byte that its last part stands for. */
function* bitFlips(text: string): Generator<string> {
  const head = text.slice(0, text.lastIndexOf(".") + 1);
  const body = Buffer.from(text.slice(head.length), "base64url");
  for (const flipped of flips(Buffer.from(text, "latin1"))) yield flipped.toString("latin1");
  for (const flipped of flips(body)) yield head + flipped.toString("base64url");
}

function* flips(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield flipped;
  }
}

function* truncations(text: string): Generator<string> {
  for (let length = 0; length < text.length; length++) {
    yield text.slice(0, length);
    yield text.slice(length + 1);
    yield text.slice(0, length) + text.slice(length + 1);
  }
}

/** The beginning of one with the end of the other. */
function* splices(one: string, other: string): Generator<string> {
  for (let at = 1; at < one.length; at++) {
    const text = one.slice(0, at) + other.slice(at);
    if (text !== one && text !== other) yield text;
  }
}
