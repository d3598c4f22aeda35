// An insider with every right in the database, an app that was taken over, a restored backup, unlucky timing.
import { afterEach, beforeEach, expect, test } from "bun:test";
import type postgres from "postgres";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { retireMonth } from "../../src/audit/retire-month.ts";
import { sealCheckpoint } from "../../src/audit/seal-checkpoint.ts";
import { type ExportedEvent, rowHash } from "../../templates/audit/verify-export.mjs";
import { makeOldMonth } from "./old-month.ts";
import { asInsider, type TrailWorld, trailWorld } from "./trail-world.ts";

let world: TrailWorld;
let stream: string;
beforeEach(async () => {
  world = await trailWorld();
  stream = await world.openStream();
});
afterEach(() => world.close());

const verifyLive = async () => world.verify(await world.export(), { anchor: world.directory });
const insider = (work: (sql: postgres.Sql) => Promise<unknown>) =>
  asInsider(world.edge.database.adminUrl, work);
const appendAndSeal = async (count: number) => {
  await world.append(stream, count);
  return world.seal();
};

/** Another actor in one event, and every hash from there on made to fit. */
async function rewriteFrom(sql: postgres.Sql, seq: number) {
  const rows = await sql<(ExportedEvent & { prev: string })[]>`
    select stream, seq::float8 as seq, at_us::float8 as at_us, actor, actor_kind, action, target, department, decision,
      reason, request_id, meta, null as subject_commit, encode(prev, 'hex') as prev, encode(hash, 'hex') as hash
    from audit.event where stream = ${stream} and seq >= ${seq} order by seq`;
  let previous = rows[0]?.prev ?? "";
  for (const [at, row] of rows.entries()) {
    const actor = at === 0 ? "somebody else" : row.actor;
    const hash = rowHash({ ...row, actor }, previous);
    await sql`update audit.event set actor = ${actor}, prev = decode(${previous}, 'hex'), hash = decode(${hash}, 'hex')
      where stream = ${stream} and seq = ${row.seq}`;
    previous = hash;
  }
  await sql`update audit.head set hash = decode(${previous}, 'hex') where stream = ${stream}`;
}

test("young events removed under a made-up end of retention are found", async () => {
  await appendAndSeal(6);
  await appendAndSeal(2);
  await insider(async (sql) => {
    await sql`insert into audit.anchor (stream, seq, hash)
      select stream, seq, hash from audit.event where stream = ${stream} and seq = 4`;
    await sql`delete from audit.event where stream = ${stream} and seq <= 4`;
  });
  expect((await verifyLive()).problems.join()).toContain("nothing so young may leave");
});

test("a sealer that is overtaken at any point leaves an anchor that verifies", async () => {
  await appendAndSeal(1);
  for (const point of ["read", "last", "add"] as const) {
    await world.append(stream);
    let overtaken = false;
    const overtake = async () => {
      if (overtaken) return;
      overtaken = true;
      await appendAndSeal(1);
    };
    const anchor = {
      ...world.anchor,
      [point]: async (...given: [never, never]) => (await overtake(), world.anchor[point](...given)),
    };
    await sealCheckpoint({ ...world.means, anchor });
    expect(overtaken).toBe(true);
  }
  await appendAndSeal(1);
  expect(await verifyLive()).toMatchObject({ ok: true, problems: [], gaps: [] });
});

test("the app's role cannot put a checkpoint anywhere but behind the last one", async () => {
  await appendAndSeal(1);
  const { app } = world.edge.deps.db;
  const made = {
    n: 4000,
    at_us: 1,
    previous: "00",
    size: 1,
    root: "00",
    key_id: "x",
    signature: "00",
    file_hash: "00",
  };
  for (const bad of [made, { ...made, n: 2 }, { ...made, n: 0 }]) {
    const call = app`select audit.record_checkpoint(${app.json(bad)}, ${app.json([[stream, 9e15, 1, "00"]])})`;
    expect(
      await call.then(
        (rows) => rows[0]?.["record_checkpoint"] as boolean,
        () => "refused",
      ),
    ).not.toBe(true);
  }
  expect(await appendAndSeal(1)).toBe(2);
});

test("after an older backup was restored new events are sealed again; what is lost shows as a gap, not as a change", async () => {
  await appendAndSeal(2);
  const [backup] = await world.edge.sql<{ seq: string; at_us: string; hash: Uint8Array }[]>`
    select seq, at_us, hash from audit.head where stream = ${stream}`;
  await appendAndSeal(3);
  await insider(async (sql) => {
    const { seq, at_us, hash } = backup ?? { seq: "", at_us: "", hash: new Uint8Array() };
    await sql`delete from audit.event where stream = ${stream} and seq > ${seq}`;
    for (const table of ["head", "sealed_head"])
      await sql`update ${sql(`audit.${table}`)} set seq = ${seq}, at_us = ${at_us}, hash = ${hash} where stream = ${stream}`;
    await sql`delete from audit.checkpoint where n > 1`;
  });
  expect(await appendAndSeal(1)).toBe(3);
  await appendAndSeal(5);
  const found = await verifyLive();
  expect(found).toMatchObject({
    ok: false,
    problems: [],
    gaps: [`stream ${stream}: 4 to 5 are gone since checkpoint 3`],
  });
});

test("a department's own look notices what was rewritten, also when the checkpoints were taken out of the database", async () => {
  const department = await world.edge.addDepartment();
  stream = department.id;
  await appendAndSeal(6);
  await insider(async (sql) => {
    await rewriteFrom(sql, 3);
    await sql`delete from audit.checkpoint`;
    await sql`delete from audit.sealed_head`;
  });
  const { key } = await world.edge.addMember("department_admin", ["audit:read"], department.id);
  const { json } = await world.edge.call("GET", "/api/v1/audit/verify", { key });
  expect(json).toMatchObject({ ok: false });
  expect(json.problems.join()).toContain("a checkpoint names another hash");
});

test("a month that does not fit the checkpoints is not retired", async () => {
  await makeOldMonth(world.edge.database.adminUrl, stream);
  await world.seal();
  await appendAndSeal(3);
  await insider((sql) => rewriteFrom(sql, 2));
  const artifacts = openArtifacts(`file:${world.directory}-artifacts`);
  await expect(retireMonth({ ...world.means, artifacts }, "202001")).rejects.toThrow("does not verify");
});
