import { expect, test } from "bun:test";
import { createOpenings } from "../../../src/db/connection/openings.ts";

const never = new AbortController().signal;

async function begun(names: string[]) {
  const openings = createOpenings();
  const told: string[] = [];
  const opening = new Map(names.map((name) => [name, {}]));
  const of = (name: string) => opening.get(name) ?? {};
  for (const name of names) await openings.enter(of(name), never);
  return {
    told,
    fail: (name: string) => openings.fail(of(name), () => told.push(name)),
    leave: (name: string) => openings.leave(of(name)),
  };
}

test("failures are told in the order in which the connections began", async () => {
  const { told, fail } = await begun(["a", "b", "c"]);
  fail("c");
  fail("b");
  expect(told).toEqual([]);
  fail("a");
  expect(told).toEqual(["a", "b", "c"]);
});

test("one that opens lets those behind it be told", async () => {
  const { told, fail, leave } = await begun(["a", "b", "c"]);
  fail("b");
  leave("c");
  leave("a");
  expect(told).toEqual(["b"]);
});

test("the loss of one that was open is told at once", async () => {
  const { told, fail, leave } = await begun(["a", "b"]);
  leave("b");
  fail("b");
  expect(told).toEqual(["b"]);
});

test("whoever comes after a failure waits, and no longer than it is wanted", async () => {
  const openings = createOpenings();
  const failed = {};
  await openings.enter(failed, never);
  openings.fail(failed, () => {});
  const unwanted = new AbortController();
  const waiting = openings.enter({}, unwanted.signal).catch((error: Error) => error.name);
  unwanted.abort();
  expect(await waiting).toBe("AbortError");
});
