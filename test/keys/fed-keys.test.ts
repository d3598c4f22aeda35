import { afterAll, beforeAll, expect, test } from "bun:test";
import { provision } from "../crash/department.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { runFed } from "../helpers/run-fed.ts";

let at: Installation;
beforeAll(async () => {
  at = await startInstallation({ workers: 1 });
}, 60_000);
afterAll(() => at.close(), 60_000);

const fed = (...args: string[]) => runFed({ url: at.url, key: at.key.reveal() }, ["keys", ...args]);

test("fed keys follows a rotation that the worker does, and retires the old key afterwards", async () => {
  const { slug } = await provision(at);
  const [before] = JSON.parse((await fed("list", "--department", slug, "--json")).out).items;
  expect(before).toMatchObject({ status: "active", purpose: "data" });
  expect(before.uses).toBeGreaterThan(0);
  expect((await fed("retire", before.id)).err).toContain("key_active");
  const rotated = await fed("rotate", "--department", slug);
  expect([rotated.code, rotated.out]).toEqual([0, expect.stringContaining(`data: ${before.uses} done`)]);
  const [old, fresh] = JSON.parse((await fed("list", "--department", slug, "--json")).out).items;
  expect([old, fresh]).toMatchObject([
    { id: before.id, status: "retiring", uses: 0 },
    { status: "active", uses: before.uses },
  ]);
  expect((await fed("retire", before.id)).out).toBe(`${before.id}: retired\n`);
  expect((await fed("list", "--department", slug)).out).toContain("destroyed");
  expect(await at.client.get(`/departments/${slug}`)).toMatchObject({ status: "active" });
});

test("fed keys says when a rotation of the signing key goes on, and names what it does not know", async () => {
  const signing = await fed("rotate", "--signing");
  expect([signing.code, signing.out]).toEqual([
    0,
    expect.stringMatching(/goes on by itself, next at \d{4}-/),
  ]);
  expect((await fed("rotate-kek", "--json")).out).toContain('"status": "succeeded"');
  expect((await fed("rotate")).err).toContain("name one of");
  expect((await fed("turn")).code).toBe(2);
});
