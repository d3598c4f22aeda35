import { afterAll, beforeAll, expect, test } from "bun:test";
import { rotateUnderLoad } from "../helpers/rotate-under-load.ts";
import { type KeyWorld, keyWorld } from "../keys/world.ts";

let world: KeyWorld;
beforeAll(async () => {
  world = await keyWorld();
});
afterAll(() => world.close());

test("100,000 values are re-keyed while they are read and written and the worker is killed 20 times: every read answers, no value is lost, none is left on an old key", async () => {
  const result = await rotateUnderLoad(world, { departments: 100, valuesEach: 1000, killsMin: 20 });
  const { seconds, kills, reads, writes, readMs: _, ...rest } = result;
  console.log(`${seconds.toFixed(1)} s, ${kills} kills, ${reads} reads, ${writes} writes`);
  expect(rest).toEqual({
    values: 100_000,
    failedReads: 0,
    failedWrites: 0,
    unfinished: 0,
    rowsLeft: 0,
    damaged: 0,
  });
  expect(kills).toBeGreaterThanOrEqual(20);
  expect(reads).toBeGreaterThan(0);
}, 590_000);
