import { afterAll, beforeAll, expect, test } from "bun:test";
import { repairByPolicy } from "../../src/drift/repair-by-policy.ts";
import { systemContext } from "../../src/deps.ts";
import { checkAllForDrift } from "../../src/drift/check-all.ts";
import { WaitError } from "../../src/errors.ts";
import type { HostChange } from "../../src/providers/hosts/host.ts";
import { type DriftWorld, driftWorld } from "./world.ts";

let world: DriftWorld;
beforeAll(async () => void (world = await driftWorld()));
afterAll(() => world.close());

const changed: HostChange[] = [{ part: "variable", name: "MCP_URL", change: "changed" }];
const nothingTold = { audit: [], events: [] };
const beganOnce = { audit: ["department.drift"], events: ["department.drifted"] };

test("before the first look nothing is said to be in sync", async () => {
  const department = await world.made();
  expect(await world.report(department)).toMatchObject({ in_sync: null, checked_at: null, found_at: null });
});

test("a drift is told once when it begins and once when it ends, however often it is looked at", async () => {
  const department = await world.made();
  const { answers } = world.host;
  await world.check(department);
  expect(await world.report(department)).toMatchObject({ in_sync: true, found_at: null, unknown: [] });
  expect(await world.told(department)).toEqual(nothingTold);
  answers.set(department.id, changed);
  await world.check(department);
  const first = await world.report(department);
  expect(first).toMatchObject({ in_sync: false, host: changed });
  await world.check(department);
  const second = await world.report(department);
  expect(second.found_at).toBe(first.found_at);
  expect(second.checked_at > first.checked_at).toBe(true);
  expect(await world.told(department)).toEqual(beganOnce);
  answers.delete(department.id);
  await world.check(department);
  await world.check(department);
  expect(await world.told(department)).toEqual({
    audit: ["department.drift", "department.in_sync"],
    events: ["department.drifted", "department.in_sync"],
  });
});

test("what cannot be looked at is unknown with its reason, and neither begins nor ends a drift", async () => {
  const department = await world.made();
  const { answers } = world.host;
  const wait = new WaitError("railway_turn", "Its turn comes later.", { seconds: 90, inLine: true });
  answers.set(department.id, wait);
  await world.check(department);
  const report = await world.report(department);
  expect(report.in_sync).toBeNull();
  expect(report.unknown).toEqual([
    { part: "host", code: "railway_turn", message: "Its turn comes later.", retry_after_seconds: 90 },
  ]);
  expect(report.workflows).not.toEqual([]);
  expect(await world.told(department)).toEqual(nothingTold);
  answers.set(department.id, changed);
  await world.check(department);
  answers.set(department.id, wait);
  await world.check(department);
  expect(await world.report(department)).toMatchObject({ in_sync: null, found_at: expect.any(String) });
  expect(await world.told(department)).toEqual(beganOnce);
});

test("a schema that somebody changed is told, in its own department only", async () => {
  const [department, other] = [await world.made(), await world.made()];
  await world.edge.sql.unsafe(`alter table ${department.schemaName}.document disable row level security`);
  await world.check(department);
  await world.check(other);
  const { in_sync: inSync, database } = await world.report(department);
  expect([inSync, database.join("\n")]).toEqual([false, expect.stringContaining("document")]);
  expect(await world.report(other)).toMatchObject({ in_sync: true, database: [] });
  await world.edge.sql.unsafe(`alter table ${department.schemaName}.document enable row level security`);
});

test("a department at which a run is at work, or that is locked, is left alone", async () => {
  const department = await world.made();
  const { host, edge } = world;
  await world.check(department);
  const { checked_at: before } = await world.report(department);
  host.answers.set(department.id, changed);
  await edge.sql`
    insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id)
    values (${Bun.randomUUIDv7()}, ${department.id}, 'upgrade', 'queued', '', '', '')`;
  expect(await world.checkMeanwhile(department)).toBeUndefined();
  await edge.sql`delete from federation.run where department_id = ${department.id}`;
  await edge.sql`update federation.department set status = 'suspended', locked_at = now(), locked_by = 'test',
    lock_reason = 'test' where id = ${department.id}`;
  expect(await world.check(department)).toBeUndefined();
  expect((await world.report(department)).checked_at).toBe(before);
});

test("a look during which a run was at work changes nothing", async () => {
  const department = await world.made();
  const { edge, host } = world;
  host.during(department.id, async () => {
    await edge.sql`
      insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, finished_at)
      values (${Bun.randomUUIDv7()}, ${department.id}, 'upgrade', 'succeeded', '', '', '', clock_timestamp())`;
    return changed;
  });
  expect(await world.check(department)).toBeUndefined();
  expect(await world.report(department)).toMatchObject({ in_sync: null, checked_at: null });
  expect(await world.told(department)).toEqual(nothingTold);
});

test("no report and no log line holds a secret of the department, whatever a host's error says", async () => {
  const department = await world.made();
  const canary = `canary-${crypto.randomUUID()}`;
  world.host.answers.set(department.id, new Error(`it said ${canary}`));
  await world.check(department);
  const [row] = await world.edge.sql`
    select report::text as text from federation.drift_report where department_id = ${department.id}`;
  const text = String(row?.["text"]);
  expect(text).toContain("internal");
  const { variables, secretNames } = world.host.specs.at(-1)!;
  const secrets = secretNames.flatMap((name) => variables[name] ?? []);
  expect(secrets.length).toBeGreaterThan(2);
  for (const secret of [canary, ...secrets]) expect(text).not.toContain(secret);
  for (const secret of secrets) expect(world.edge.lines.join("")).not.toContain(secret);
});

test("one department whose host fails keeps nobody from the others", async () => {
  const [failing, ...others] = [await world.made(), await world.made(), await world.made()];
  world.host.answers.set(failing!.id, new Error("down"));
  for (const { id } of [failing!, ...others])
    await world.edge.sql`delete from federation.run where department_id = ${id}`;
  const seen = new Map<string, boolean | null>();
  await checkAllForDrift(
    world.means,
    () => Promise.resolve(new Map()),
    AbortSignal.timeout(20_000),
    (id, { inSync }) => Promise.resolve(void seen.set(id, inSync)),
  );
  expect(seen.get(failing!.id)).toBeNull();
  for (const { id } of others) expect(seen.get(id)).toBe(true);
});

test("the fleet is listed with each department's state", async () => {
  const [well, off] = [await world.made(), await world.made()];
  world.host.answers.set(off.id, changed);
  await world.check(well);
  await world.check(off);
  const { json } = await world.edge.call("GET", "/api/v1/drift?limit=200", { key: world.edge.adminKey });
  const byId = new Map(json.items.map((item: { id: string }) => [item.id, item]));
  expect(byId.get(well.id)).toMatchObject({ in_sync: true, drifted: [] });
  expect(byId.get(off.id)).toMatchObject({ in_sync: false, drifted: ["host"] });
});

test("who asks for a look wakes a worker with the department's id and nothing else", async () => {
  const department = await world.made();
  await world.edge.sql`delete from federation.run where department_id = ${department.id}`;
  const path = `/api/v1/departments/${department.slug}/drift`;
  const { status, json } = await world.edge.call("POST", path, { key: world.edge.adminKey });
  expect([status, json.department_id]).toEqual([202, department.slug]);
  const jobs = await world.edge.sql`select data from pgboss.job where name = 'look-for-drift'
    and data ->> 'department_id' = ${department.id}`;
  expect(jobs.map((row) => row["data"])).toEqual([{ department_id: department.id }]);
  expect((await world.edge.call("POST", path, { key: department.key })).status).toBe(403);
});

async function setPolicy({ id }: { id: string }, repair: string) {
  await world.edge.sql`
    update federation.department_config
    set document = document || ${world.edge.sql.json({ custom_config: { drift: { repair } } })}
    where department_id = ${id}`;
}
const runsOf = ({ id }: { id: string }) => world.edge.sql<{ kind: string; input: { release: string } }[]>`
  select kind, input from federation.run where department_id = ${id}`;

test("a drift is repaired by policy only where the definition says so, at the present release, once in six hours", async () => {
  const { deps, sql } = world.edge;
  const repair = ({ id }: { id: string }) =>
    repairByPolicy(systemContext({ ...deps, close: () => Promise.resolve() }, "check-drift"), id);
  const [asked, automatic] = [await world.made(), await world.made()];
  await setPolicy(asked, "on_request");
  await setPolicy(automatic, "automatic");
  for (const department of [asked, automatic]) {
    world.host.answers.set(department.id, changed);
    await world.check(department);
  }
  await sql`update federation.department set host = 'docker', release = 'agent:before' where id = ${automatic.id}`;
  expect([await repair(asked), await repair(automatic)]).toEqual([false, true]);
  expect(await runsOf(asked)).toHaveLength(0);
  expect(await runsOf(automatic)).toMatchObject([{ kind: "upgrade", input: { release: "agent:before" } }]);
  await sql`delete from federation.run where department_id = ${automatic.id}`;
  expect(await repair(automatic)).toBe(false);
  await sql`update federation.drift_report set repaired_at = now() - interval '7 hours'
    where department_id = ${automatic.id}`;
  expect(await repair(automatic)).toBe(true);
});
