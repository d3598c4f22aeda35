import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { retirableMonths, retireMonth } from "../../src/audit/retire-month.ts";
import { verifyExport } from "../../templates/audit/verify-export.mjs";
import { makeOldMonth } from "./old-month.ts";
import { asInsider, type TrailWorld, trailWorld } from "./trail-world.ts";

const month = "202001";
let world: TrailWorld;
let directory: string;
let stream: string;
let untouched: string;
beforeAll(async () => {
  world = await trailWorld();
  directory = await mkdtemp(join(tmpdir(), "federation-artifacts-"));
  stream = await world.openStream();
  untouched = await world.openStream();
  await world.append(untouched, 2);
  await makeOldMonth(world.edge.database.adminUrl, stream);
  await world.seal();
  await world.append(stream, 4);
  await world.seal();
});
afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true });
});

const means = () => ({ ...world.means, artifacts: openArtifacts(`file:${directory}`) });
const dropByHand = (name: string) => world.edge.deps.db.app`select audit.drop_month(${name})`;

test("a month is dropped only when it is old and a verified export holds all of it", async () => {
  const now = new Date().toISOString().slice(0, 7).replace("-", "");
  await expect(dropByHand(now).execute()).rejects.toThrow("kept for 24 months");
  await expect(dropByHand(month).execute()).rejects.toThrow("no verified export");
  await world.edge.deps.db.app`select audit.note_export(${month}, 'x', ${"0".repeat(64)}, 2)`;
  await expect(dropByHand(month).execute()).rejects.toThrow("no verified export");
  expect(await retirableMonths(world.edge.deps.db.app)).toEqual([month]);
});

test("what does not verify is not dropped", async () => {
  const damage = (actor: string) =>
    asInsider(
      world.edge.database.adminUrl,
      (sql) => sql`update audit.event set actor = ${actor} where stream = ${stream} and seq = 2`,
    );
  await damage("changed");
  await expect(retireMonth(means(), month)).rejects.toThrow("does not verify");
  await damage("old");
  expect(await retirableMonths(world.edge.deps.db.app)).toEqual([month]);
});

test("a retired month verifies where it lies, and the rest of the trail goes on from its last hash", async () => {
  const { location, events } = await retireMonth(means(), month);
  expect(events).toBe(3);
  expect(await retirableMonths(world.edge.deps.db.app)).toEqual([]);
  expect(await world.edge.sql`select from audit.event where stream = ${stream} and seq <= 3`).toHaveLength(0);
  const kept = await openArtifacts(`file:${directory}`).read(location);
  expect(await verifyExport(kept, { key: await world.publicKeys() })).toMatchObject({ ok: true, events: 3 });
  const rest = await world.verify(await world.export(), { anchor: world.directory });
  expect(rest).toMatchObject({ ok: true });
  const [row] = await world.edge
    .sql`select dropped_at is not null as dropped from audit.retired_month where month = ${month}`;
  expect(row?.["dropped"]).toBe(true);
  const [record] = await world.edge.sql`select target from audit.event where action = 'audit.retire'`;
  expect(record?.["target"]).toBe(month);
});

test("doing it again finds nothing to do", async () => {
  expect((await dropByHand(month))[0]?.["drop_month"]).toBe(false);
});
