import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyExport } from "../../templates/audit/verify-export.mjs";
import { type TrailWorld, trailWorld } from "../audit/trail-world.ts";
import type { TestDepartment } from "./edge.ts";

let world: TrailWorld;
let a: TestDepartment;
let b: TestDepartment;
let admin: string;
beforeAll(async () => {
  world = await trailWorld();
  [a, b] = await Promise.all([world.edge.addDepartment(), world.edge.addDepartment()]);
  admin = (await world.edge.addMember("department_admin", ["audit:read"], a.id)).key;
  await world.append(a.id, 7);
  await world.append(b.id, 5);
  await world.seal();
});
afterAll(() => world.close());

const get = (path: string, key = world.edge.adminKey) =>
  world.edge.call("GET", `/api/v1/audit${path}`, { key });
const items = async (path: string, key?: string) =>
  (await get(path, key)).json.items as Record<string, unknown>[];

test("the trail is searched by every filter, newest first, a page at a time", async () => {
  const all = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const { json } = await get(`?department_id=${a.slug}&limit=3${cursor === "" ? "" : `&cursor=${cursor}`}`);
    all.push(...json.items);
    cursor = json.next_cursor;
  }
  const seqs = all.map(({ seq }) => Number(seq));
  expect(seqs).toEqual([7, 6, 5, 4, 3, 2, 1]);
  const [first] = all;
  expect(await items(`?request_id=${first.request_id}`)).toHaveLength(1);
  expect(await items(`?department_id=${a.slug}&action=department.`)).toHaveLength(7);
  expect(await items(`?department_id=${a.slug}&action=grant.`)).toHaveLength(0);
  expect(await items(`?department_id=${a.slug}&target=t-2&actor=member-1&decision=done`)).toHaveLength(1);
  expect(await items(`?department_id=${a.slug}&until=2020-01-01T00:00:00Z`)).toHaveLength(0);
  expect((await get("?cursor=1.2.3")).status).toBe(400);
});

test("a department's people see their own stream, whatever they ask for", async () => {
  expect((await get(`?department_id=${b.slug}`, admin)).status).toBe(404);
  const seen = await items("?limit=200", admin);
  expect(new Set(seen.map(({ stream }) => stream))).toEqual(new Set([a.id]));
  const text = (await get("/export", admin)).text;
  expect([text.includes(a.id), text.includes(b.id)]).toEqual([true, false]);
  expect((await get(`/proof?stream=${b.id}&seq=1`, admin)).status).toBe(404);
  expect((await get(`/proof?stream=${crypto.randomUUID()}&seq=1`)).status).toBe(404);
  expect((await get("/verify", admin)).json).toMatchObject({ ok: true, streams: 1 });
  expect((await get("", a.key)).status).toBe(403);
});

test("every look at the trail is on record before it is answered", async () => {
  const { headers } = await get("/verify", admin);
  const [event] = await world.edge.sql`
    select stream, action, decision from audit.event where request_id = ${headers.get("x-request-id")}`;
  expect(event).toEqual({ stream: a.id, action: "audit.verify", decision: "allowed" });
  const counted = await world.edge.sql`select action, count(*)::int as count from audit.event
    where action like 'audit.%' group by action order by action`;
  expect(counted.map(({ action }) => String(action))).toEqual([
    "audit.export",
    "audit.prove",
    "audit.search",
    "audit.verify",
  ]);
});

test("the whole trail verifies over the API, and an export does without Federation, by Node alone", async () => {
  expect((await get("/verify")).json).toMatchObject({ ok: true, problems: [], checkpoint: 1 });
  const { text } = await get("/export");
  expect(
    await verifyExport(
      (async function* () {
        yield Buffer.from(text);
      })(),
      { key: await world.publicKeys() },
    ),
  ).toMatchObject({ ok: true });
  const directory = await mkdtemp(join(tmpdir(), "federation-export-"));
  const file = join(directory, "audit.ndjson");
  await Bun.write(file, text);
  await Bun.write(join(directory, "verify-export.mjs"), Bun.file("templates/audit/verify-export.mjs"));
  const run = async (...more: string[]) => {
    const child = Bun.spawn(["node", "verify-export.mjs", "audit.ndjson", ...more], {
      cwd: directory,
      stdout: "pipe",
      stderr: "pipe",
    });
    return { code: await child.exited, output: await new Response(child.stdout).text() };
  };
  const [key = ""] = await world.publicKeys();
  expect(await run("--key", key, "--anchor", world.directory)).toMatchObject({
    code: 0,
    output: expect.stringContaining('"ok": true'),
  });
  expect((await run()).output).toContain("No --key was given");
  await Bun.write(file, text.replace('"member-1"', '"member-2"'));
  expect(await run("--key", key)).toMatchObject({ code: 1, output: expect.stringContaining("changed") });
  await rm(directory, { recursive: true });
});
