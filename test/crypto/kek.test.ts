import { expect, test } from "bun:test";
import { checkKek, environmentKeyProvider, generateKek } from "../../src/crypto/kek.ts";
import { Secret } from "../../src/crypto/secret.ts";

const context = { environment: "production", departmentId: "", purpose: "data", dataKeyId: "k1" };
const dataKey = crypto.getRandomValues(new Uint8Array(32));
const newProvider = (current = generateKek()) => environmentKeyProvider({ current: new Secret(current) });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "opened",
    (error: { code?: string }) => error.code,
  );

test("a wrapped key opens only in its context", async () => {
  const provider = newProvider();
  const wrapped = await provider.wrap(dataKey, context);
  expect([...(await provider.unwrap(wrapped, context))]).toEqual([...dataKey]);
  const swaps = [
    { environment: "staging" },
    { departmentId: "d" },
    { purpose: "gateway-seal" },
    { dataKeyId: "k2" },
  ];
  for (const swap of swaps)
    expect(await codeOf(provider.unwrap(wrapped, { ...context, ...swap }))).toBe("vault_open_failed");
});

test("only the KEK that wrapped a key opens it, as the current or the previous one", async () => {
  const [first, second] = [new Secret(generateKek()), new Secret(generateKek())];
  const wrapped = await environmentKeyProvider({ current: first }).wrap(dataKey, context);
  const rotated = environmentKeyProvider({ current: second, previous: first });
  expect([...(await rotated.unwrap(wrapped, context))]).toEqual([...dataKey]);
  const without = environmentKeyProvider({ current: second });
  expect(await codeOf(without.unwrap(wrapped, context))).toBe("kek_unknown");
  const renamed = wrapped.replace(/\.[0-9a-f]{8}\./, `.${without.currentId}.`);
  expect(await codeOf(without.unwrap(renamed, context))).toBe("vault_open_failed");
});

test("with any bit flipped, cut anywhere or written another way, a wrapped key does not open", async () => {
  const provider = newProvider();
  const wrapped = await provider.wrap(dataKey, context);
  const body = wrapped.slice(wrapped.lastIndexOf(".") + 1);
  const bytes = Buffer.from(body, "base64url");
  const texts = [
    `${wrapped}=`,
    ` ${wrapped}`,
    `${wrapped}\n`,
    `${wrapped}.`,
    wrapped.replace("fedk1", "fedk2"),
  ];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    texts.push(wrapped.replace(body, flipped.toString("base64url")));
  }
  const start = wrapped.length - body.length;
  for (let length = start; length < wrapped.length; length++) texts.push(wrapped.slice(0, length));
  for (const text of texts) expect(await codeOf(provider.unwrap(text, context))).toBe("vault_open_failed");
});

test("what is no wrapped key is a rejection, never an exception on the spot", async () => {
  const refused = newProvider().unwrap("", context);
  expect(await codeOf(refused)).toBe("vault_open_failed");
});

test("a stored check value fits its own KEK only", async () => {
  const kek = generateKek();
  const stored = await newProvider(kek).checkValue();
  expect(await codeOf(checkKek(stored, newProvider(kek)))).toBe("opened");
  expect(await codeOf(checkKek(stored, newProvider()))).toBe("kek_wrong");
  for (const text of ["", stored.slice(1), `${stored}A`])
    expect(await codeOf(checkKek(text, newProvider(kek)))).toBe("kek_wrong");
  expect(stored).not.toContain(kek);
});

test("a KEK that is not 32 bytes is refused", () => {
  for (const text of ["", "short", "g".repeat(64), `${generateKek()}A`, generateKek().slice(1)]) {
    expect(() => newProvider(text)).toThrow("32 bytes");
  }
});

test("a KEK is the same one as hex and as base64url, and its id gives nothing of it away", () => {
  const bytes = Buffer.alloc(32, 0xab);
  const { currentId } = newProvider(bytes.toString("hex"));
  expect(newProvider(bytes.toString("base64url")).currentId).toBe(currentId);
  expect(currentId).toMatch(/^[0-9a-f]{8}$/);
  expect(bytes.toString("hex")).not.toContain(currentId);
});
