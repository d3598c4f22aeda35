import { expect, test } from "bun:test";
import { open, seal, type SealPlace } from "../../src/crypto/seal.ts";

const key = { id: Bun.randomUUIDv7(), bytes: crypto.getRandomValues(new Uint8Array(32)) };
const place: SealPlace = {
  environment: "production",
  departmentId: Bun.randomUUIDv7(),
  table: "department_secret",
  column: "sealed",
  rowId: "row",
  rowVersion: 3,
};
const plaintext = "a refresh token of some length, with ünïcödé";
const refused = { code: "vault_open_failed" };

function tryOpen(run: () => string): string | { code: string } {
  try {
    return run();
  } catch (error) {
    return { code: error instanceof Error && "code" in error ? String(error.code) : "thrown" };
  }
}

test("what was sealed opens with the same key at the same place", () => {
  expect(open(key, place, seal(key, place, plaintext))).toBe(plaintext);
  expect(open(key, place, seal(key, place, ""))).toBe("");
});

test("moved to any other place, a sealed value does not open", () => {
  const sealed = seal(key, place, plaintext);
  const elsewhere: Partial<SealPlace>[] = [
    { environment: "staging" },
    { departmentId: Bun.randomUUIDv7() },
    { departmentId: "" },
    { table: "credential" },
    { column: "access_token" },
    { rowId: "row2" },
    { rowVersion: 4 },
    { table: "department_secretsealed", column: "" },
  ];
  for (const other of elsewhere)
    expect(tryOpen(() => open(key, { ...place, ...other }, sealed))).toEqual(refused);
});

test("with another key, or under another key's id, it does not open", () => {
  const sealed = seal(key, place, plaintext);
  const other = { id: key.id, bytes: crypto.getRandomValues(new Uint8Array(32)) };
  expect(tryOpen(() => open(other, place, sealed))).toEqual(refused);
  const renamed = { ...key, id: Bun.randomUUIDv7() };
  expect(tryOpen(() => open(renamed, place, sealed))).toEqual(refused);
  expect(tryOpen(() => open(renamed, place, sealed.replace(key.id, renamed.id)))).toEqual(refused);
});

test("with any bit flipped it does not open", () => {
  const sealed = seal(key, place, plaintext);
  const body = sealed.slice(sealed.lastIndexOf(".") + 1);
  const bytes = Buffer.from(body, "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const text = sealed.replace(body, flipped.toString("base64url"));
    expect(tryOpen(() => open(key, place, text))).toEqual(refused);
  }
});

test("cut anywhere, or written another way, it does not open", () => {
  const sealed = seal(key, place, plaintext);
  for (let length = 0; length < sealed.length; length++) {
    expect(tryOpen(() => open(key, place, sealed.slice(0, length)))).toEqual(refused);
  }
  const spellings = [
    `${sealed}=`,
    ` ${sealed}`,
    `${sealed}\n`,
    `${sealed}.`,
    sealed.replace("fedc1", "fedc2"),
  ];
  for (const text of spellings) expect(tryOpen(() => open(key, place, text))).toEqual(refused);
  expect(tryOpen(() => open(key, place, sealed.replace("a256gcm", "a128gcm")))).toEqual(refused);
});

test("ten thousand seals of one value are ten thousand texts", () => {
  const seals = new Set(Array.from({ length: 10_000 }, () => seal(key, place, "same")));
  expect(seals.size).toBe(10_000);
});
