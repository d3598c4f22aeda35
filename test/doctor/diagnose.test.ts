import { afterAll, beforeAll, expect, test } from "bun:test";
import { diagnose } from "../../src/doctor/diagnose.ts";
import { type TrailWorld, trailWorld } from "../audit/trail-world.ts";

let world: TrailWorld;
beforeAll(async () => {
  world = await trailWorld();
});
afterAll(() => world.close());

const found = async () =>
  (await diagnose(world.edge.deps.config)).filter(({ level }) => level !== "ok").map(({ what }) => what);

test("a sound installation has nothing but plain HTTP to say", async () => {
  expect(await found()).toEqual(["PUBLIC_URL is plain HTTP"]);
});

test("events that no checkpoint covers for minutes are told, until one does", async () => {
  const stream = await world.openStream();
  await world.append(stream, 1);
  expect(await found()).toEqual(["PUBLIC_URL is plain HTTP"]);
  await world.edge.sql`update audit.head set at_us = at_us - 600000000 where stream = ${stream}`;
  expect(await found()).toEqual([
    "PUBLIC_URL is plain HTTP",
    "events older than 5 minutes stand in no checkpoint",
  ]);
  await world.seal();
  expect(await found()).toEqual(["PUBLIC_URL is plain HTTP"]);
});
