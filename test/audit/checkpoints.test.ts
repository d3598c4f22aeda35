import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAnchorDirectory } from "../../src/audit/anchor-directory.ts";
import { sealCheckpoint } from "../../src/audit/seal-checkpoint.ts";
import { readAnchor } from "../../templates/audit/verify-export.mjs";
import { asInsider, chunksOf, type TrailWorld, trailWorld } from "./trail-world.ts";

let world: TrailWorld;
let stream: string;
beforeAll(async () => {
  world = await trailWorld();
  stream = await world.openStream();
  await world.append(stream, 5);
});
afterAll(() => world.close());

const insider = (work: Parameters<typeof asInsider>[1]) => asInsider(world.edge.database.adminUrl, work);
const verifyLive = async () => world.verify(await world.export(), { anchor: world.directory });
const call = (path: string, key = world.edge.adminKey) =>
  world.edge.call("GET", `/api/v1/audit${path}`, { key });

test("nothing new, no checkpoint; something new, the next one; each file is written once", async () => {
  expect(await world.seal()).toBe(1);
  expect(await world.seal()).toBeUndefined();
  await world.append(stream);
  expect(await world.seal()).toBe(2);
  const [first] = (await readdir(world.directory)).filter((name) => /^\d+\.json$/.test(name)).sort();
  expect(await world.anchor.add(first ?? "", "another")).toBe(false);
  expect(await verifyLive()).toMatchObject({ ok: true, checkpoint: 2 });
});

test("many sealers at once leave one unbroken row of checkpoints", async () => {
  for (let round = 0; round < 5; round++) {
    await world.append(stream);
    await Promise.all(Array.from({ length: 6 }, () => world.seal()));
  }
  await world.seal();
  const problems: string[] = [];
  await readAnchor(world.directory, (problem) => problems.push(problem));
  expect(problems).toEqual([]);
  expect(await verifyLive()).toMatchObject({ ok: true });
  const [rows] = await world.edge
    .sql`select count(*)::int as rows, max(n)::int as last from audit.checkpoint`;
  expect(rows).toEqual({ rows: await world.anchor.last(), last: await world.anchor.last() });
});

test("a sealer that died between the anchor and the row is gone on from", async () => {
  await world.append(stream);
  await world.seal();
  const last = await world.anchor.last();
  await insider(async (sql) => {
    await sql`delete from audit.checkpoint where n = ${last}`;
    await sql`update audit.sealed_head set seq = seq - 1 where stream = ${stream}`;
  });
  await world.append(stream);
  expect(await world.seal()).toBe(last + 1);
  const [row] = await world.edge.sql`select count(*)::int as count from audit.checkpoint where n = ${last}`;
  expect(row?.["count"]).toBe(1);
  expect(await verifyLive()).toMatchObject({ ok: true, checkpoint: last + 1 });
});

test("an anchor that is not ours, or has lost files, is not written to", async () => {
  const other = await mkdtemp(join(tmpdir(), "federation-anchor-"));
  await cp(world.directory, other, { recursive: true });
  const anchor = openAnchorDirectory(`file:${other}`);
  await rm(
    join(
      other,
      (await readdir(other))
        .filter((name) => /^\d+/.test(name))
        .sort()
        .at(-1) ?? "",
    ),
  );
  await expect(sealCheckpoint({ ...world.means, anchor })).rejects.toThrow("ends at checkpoint");
  await rm(other, { recursive: true });
});

describe("an insider who may do everything in the database is found by the anchor:", () => {
  const crimes: Record<string, (sql: Parameters<Parameters<typeof asInsider>[1]>[0]) => Promise<unknown>> = {
    "a changed event": (sql) =>
      sql`update audit.event set actor = 'somebody else' where stream = ${stream} and seq = 2`,
    "a deleted event": (sql) => sql`delete from audit.event where stream = ${stream} and seq = 3`,
    "a tail cut off, head and all": async (sql) => {
      await sql`delete from audit.event where stream = ${stream} and seq > 4`;
      await sql`update audit.head h set seq = e.seq, hash = e.hash, at_us = e.at_us from audit.event e
        where h.stream = ${stream} and e.stream = h.stream and e.seq = 4`;
    },
    "a tail cut off and written anew": async (sql) => {
      await sql`delete from audit.event where stream = ${stream} and seq > 4`;
      await sql`update audit.head h set seq = e.seq, hash = e.hash, at_us = e.at_us from audit.event e
        where h.stream = ${stream} and e.stream = h.stream and e.seq = 4`;
      const [{ count } = { count: 0 }] = await sql<{ count: number }[]>`
        select seq::int as count from audit.sealed_head where stream = ${stream}`;
      await sql`select audit.append((select jsonb_agg(jsonb_build_object('stream', ${stream}::text, 'actor', 'x',
        'actor_kind', 'system', 'action', 'a.b', 'decision', 'done')) from generate_series(1, ${count})))`;
    },
    "a stream that never was": async (sql) => {
      await sql`delete from audit.event where stream = ${stream}`;
      await sql`delete from audit.head where stream = ${stream}`;
    },
  };
  test.each(Object.entries(crimes).map(([name, crime]) => ({ name, crime })))("$name", async ({ crime }) => {
    await world.append(stream);
    await world.seal();
    expect(await verifyLive()).toMatchObject({ ok: true });
    const tables = ["audit.event", "audit.head", "audit.sealed_head", "audit.checkpoint"];
    await insider(async (sql) => {
      for (const table of tables)
        await sql.unsafe(`create temp table "kept ${table}" as select * from ${table}`);
      await crime(sql);
      const found = await verifyLive();
      expect(found.ok).toBe(false);
      expect(found.problems.join()).toContain(stream);
      for (const table of tables)
        await sql.unsafe(`delete from ${table}; insert into ${table} select * from "kept ${table}"`);
    });
    expect(await verifyLive()).toMatchObject({ ok: true });
  });
});

test("a database restored from an older backup reads as behind, an altered one as changed", async () => {
  await world.append(stream, 2);
  await world.seal();
  const older = await world.export();
  await world.append(stream, 2);
  await world.seal();
  const found = await world.verify(older, { anchor: world.directory });
  expect(found.problems.join()).toContain("restored from an older backup");
  expect(found.problems.join()).not.toContain("changed");
});

test("a checkpoint that was changed, dropped or put in is found by the anchor itself", async () => {
  const names = (await readdir(world.directory)).filter((name) => /^\d+/.test(name)).sort();
  const second = names[1] ?? "";
  const original = await readFile(join(world.directory, second), "utf8");
  const problemsWith = async (change: (directory: string) => Promise<unknown>) => {
    const copy = await mkdtemp(join(tmpdir(), "federation-anchor-"));
    await cp(world.directory, copy, { recursive: true });
    await change(copy);
    const problems: string[] = [];
    await readAnchor(copy, (problem) => problems.push(problem)).catch((error: unknown) =>
      problems.push(String(error)),
    );
    await rm(copy, { recursive: true });
    return problems.length;
  };
  expect(await problemsWith(() => Promise.resolve())).toBe(0);
  expect(await problemsWith((copy) => rm(join(copy, second)))).toBeGreaterThan(0);
  for (const [from, to] of [
    [/"root":"../, '"root":"00'],
    [/"at_us":1/, '"at_us":2'],
    [/"size":\d/, '"size":9'],
  ] as const) {
    const changed = original.replace(from, to);
    expect(changed).not.toBe(original);
    expect(await problemsWith((copy) => writeFile(join(copy, second), changed))).toBeGreaterThan(0);
  }
});

test("one event is proven by a small file, and a forged proof is not", async () => {
  await world.append(stream, 3);
  await world.seal();
  const [event] = await world.edge.sql`
    select seq::int as seq from audit.event where stream = ${stream} order by seq desc offset 2 limit 1`;
  const proof = await call(`/proof?stream=${stream}&seq=${event?.["seq"]}`);
  expect(proof.status).toBe(200);
  const keys = { key: await world.publicKeys() };
  const { verifyExport } = await import("../../templates/audit/verify-export.mjs");
  expect(await verifyExport(chunksOf(Buffer.from(proof.text)), keys)).toMatchObject({ ok: true, events: 3 });
  const forged = proof.text.replace(/"actor":"member-1"/, '"actor":"member-2"');
  expect((await verifyExport(chunksOf(Buffer.from(forged)), keys)).ok).toBe(false);
  await world.append(stream);
  const fresh = await call(`/proof?stream=${stream}&seq=${Number(event?.["seq"]) + 3}`);
  expect([fresh.status, fresh.json.code]).toEqual([409, "not_sealed_yet"]);
});

test("neither app nor provisioner nor gateway can change what was recorded, or its proofs", async () => {
  const { app, gateway, provisioner } = world.edge.deps.db;
  const [partition] = await world.edge.sql`select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'audit.event'::regclass order by 1 limit 1`;
  const attempts = [
    "update audit.event set actor = 'x'",
    "delete from audit.event",
    "truncate audit.event",
    `select * from ${partition?.["name"]}`,
    `delete from ${partition?.["name"]}`,
    "alter table audit.event disable trigger all",
    "update audit.head set seq = 1",
    "update audit.checkpoint set root = ''",
    "delete from audit.checkpoint",
    "update audit.sealed_head set seq = 1",
    "delete from audit.anchor",
    "insert into audit.event select * from audit.event",
  ];
  for (const sql of [app, gateway, provisioner]) {
    for (const attempt of attempts) {
      const code = await sql?.unsafe(attempt).then(
        () => "done",
        (error: { code?: string }) => error.code,
      );
      expect([attempt, code]).toEqual([attempt, "42501"]);
    }
  }
});
