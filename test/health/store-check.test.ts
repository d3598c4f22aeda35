import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomSuffix } from "../../src/departments/suffix.ts";
import type { Checks } from "../../src/health/check-department.ts";
import { claimChecks } from "../../src/health/claim-checks.ts";
import { healthPace as paceOf } from "../../src/health/pace.ts";
import { storeCheck } from "../../src/health/store-check.ts";
import { type EngineWorld, engineWorld } from "../provisioning/engine-world.ts";

let world: EngineWorld;
beforeAll(async () => void (world = await engineWorld()));
afterAll(() => world.close());

const healthPace = paceOf({ healthEverySeconds: 300, healthRecheckSeconds: 5 });
const ok = { status: "ok", detail: "" } as const;
const well: Checks = { agent: ok, database: ok, workflows: ok, credentials: ok };
const unwell: Checks = { ...well, agent: { status: "failed", detail: "The agent does not answer." } };
const starting: Checks = { ...well, agent: { status: "starting", detail: "" } };

const ctx = () => ({ ...world.ctx, db: { app: world.sql } });

async function department(): Promise<string> {
  const id = Bun.randomUUIDv7();
  await world.admin`
    insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
    values (${id}, ${`d-${id.slice(-12)}`}, 'test', 'active', ${randomSuffix()}, 'local', 'test', 'test@example.com')`;
  await world.admin`select audit.open_stream(${id})`;
  return id;
}

/** As if the time of the last step of the ladder were over. */
const due = (id: string) => world.admin`
  update federation.department_health set next_check_at = clock_timestamp(), heal_at = heal_at - interval '1 hour'
  where department_id = ${id}`;
const claim = async (id: string) =>
  (await claimChecks(world.sql, 50, healthPace.leaseSeconds)).find((claimed) => claimed.id === id);
async function look(id: string, checks: Checks, canRestart = true) {
  await due(id);
  const claimed = await claim(id);
  if (!claimed) throw new Error("the department is not due");
  return storeCheck(ctx(), { ...claimed, canRestart }, checks, healthPace);
}
const known = async (id: string) => {
  const [row] = await world.admin`
    select h.status, h.heal, h.failures, d.status as department from federation.department_health h
    join federation.department d on d.id = h.department_id where d.id = ${id}`;
  return row;
};
const told = async (id: string) => {
  const rows =
    await world.admin`select type from federation.webhook_event where department_id = ${id} order by id`;
  return rows.map(({ type }) => String(type));
};
const endRuns = (id: string) => world.admin`
  update federation.run set status = 'rolled_back', finished_at = clock_timestamp() where department_id = ${id}`;

test("one that stays unwell is degraded, restarted, redeployed, then told once; well again, that is told once", async () => {
  const id = await department();
  expect(await look(id, unwell)).toBe("stored");
  expect(await look(id, unwell)).toBe("stored");
  expect(await known(id)).toMatchObject({ status: "failing", department: "active", failures: 2 });
  expect(await look(id, unwell)).toBe("restart");
  expect(await known(id)).toMatchObject({ status: "unhealthy", department: "degraded", heal: "restarted" });
  await look(id, unwell);
  expect(await known(id)).toMatchObject({ heal: "redeployed" });
  const runs = await world.admin`select kind, requested_by from federation.run where department_id = ${id}`;
  expect(runs.map(({ kind }) => kind)).toEqual(["upgrade"]);
  await due(id);
  expect(await claim(id)).toBeUndefined();
  await endRuns(id);
  for (let n = 0; n < 3; n++) await look(id, unwell);
  expect(await known(id)).toMatchObject({ heal: "given_up" });
  expect(await told(id)).toEqual(["department.degraded", "alert.fired"]);
  for (let n = 0; n < 2; n++) await look(id, well);
  expect(await known(id)).toMatchObject({
    status: "healthy",
    department: "active",
    heal: "none",
    failures: 0,
  });
  expect((await told(id)).toSorted()).toEqual([
    "alert.fired",
    "alert.resolved",
    "department.degraded",
    "department.recovered",
  ]);
});

test("where the host cannot restart an agent it is redeployed at once, and no restart is on record", async () => {
  const id = await department();
  for (let n = 0; n < 3; n++) expect(await look(id, unwell, false)).toBe("stored");
  expect(await known(id)).toMatchObject({ status: "unhealthy", heal: "redeployed" });
  const actions = await world.admin`select action from audit.event where stream = ${id}`;
  expect(actions.map(({ action }) => String(action))).not.toContain("department.heal_restart");
});

test("a look that was overtaken changes nothing", async () => {
  const id = await department();
  const first = await claim(id);
  expect(await claim(id)).toBeUndefined();
  await due(id);
  const second = await claim(id);
  if (!first || !second) throw new Error("not claimed");
  expect(await storeCheck(ctx(), { ...first, canRestart: true }, unwell, healthPace)).toBe("overtaken");
  expect(await known(id)).toMatchObject({ status: "unknown", failures: 0 });
  expect(await storeCheck(ctx(), { ...second, canRestart: true }, unwell, healthPace)).toBe("stored");
  expect(await known(id)).toMatchObject({ status: "failing", failures: 1 });
});

test("any number of workers look at a department once", async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, department));
  const claims = await Promise.all(Array.from({ length: 4 }, () => claimChecks(world.sql, 50, 30)));
  const claimed = claims.flat().map(({ id }) => id);
  expect(claimed.filter((id) => ids.includes(id)).toSorted()).toEqual(ids.toSorted());
});

test("an agent that starts is not a failure until its time is over", async () => {
  const id = await department();
  for (let n = 0; n < 4; n++) await look(id, starting);
  expect(await known(id)).toMatchObject({ failures: 0, department: "active" });
  await world.admin`update federation.department_health set since = since - interval '1 hour' where department_id = ${id}`;
  for (let n = 0; n < 3; n++) await look(id, starting);
  expect(await known(id)).toMatchObject({ status: "unhealthy", department: "degraded" });
});

test("a department has a row of its health from the statement on that makes it active", async () => {
  const id = await department();
  expect(await known(id)).toMatchObject({ status: "unknown", failures: 0 });
  await world.admin`delete from federation.department_health where department_id = ${id}`;
  await world.admin`update federation.department set status = 'suspended' where id = ${id}`;
  expect(await known(id)).toBeUndefined();
  await world.admin`update federation.department set status = 'active' where id = ${id}`;
  expect(await known(id)).toMatchObject({ status: "unknown" });
});

const databaseDown: Checks = { ...well, database: { status: "failed", detail: "" } };
const alertsOf = (id: string) => world.admin<{ name: string; severity: string; status: string }[]>`
  select name, severity, status from federation.alert where subject = ${id} order by fired_at`;
async function giveUp(id: string, checks: Checks) {
  for (let n = 0; n < 6; n++) {
    await look(id, checks);
    await endRuns(id);
  }
  expect(await known(id)).toMatchObject({ heal: "given_up" });
}

test("where the agent is well nobody restarts it, and the alert is not called by its name", async () => {
  const [database, workflows] = [await department(), await department()];
  await giveUp(database, databaseDown);
  expect([...(await alertsOf(database))]).toEqual([
    { name: "department_unwell", severity: "critical", status: "firing" },
  ]);
  await giveUp(workflows, { ...well, workflows: { status: "failed", detail: "Off: email." } });
  expect([...(await alertsOf(workflows))]).toEqual([
    { name: "department_unwell", severity: "warning", status: "firing" },
  ]);
  const actions = await world.admin`
    select action from audit.event where stream in (${database}, ${workflows}) and action = 'department.heal_restart'`;
  expect(actions).toHaveLength(0);
  for (const id of [database, workflows]) {
    await look(id, well);
    expect((await alertsOf(id)).map(({ status }) => status)).toEqual(["resolved"]);
  }
});

test("an alert ends with the next good look also where a lockdown and its end made the department active", async () => {
  const id = await department();
  await giveUp(id, unwell);
  await world.admin`update federation.department set status = 'active' where id = ${id}`;
  await look(id, well);
  expect((await alertsOf(id)).map(({ status }) => status)).toEqual(["resolved"]);
});

test("a look that is asked for while a step of the ladder has its time does not take the next one", async () => {
  const id = await department();
  for (let n = 0; n < 3; n++) await look(id, unwell);
  expect(await known(id)).toMatchObject({ heal: "restarted" });
  await world.admin`
    update federation.department_health set next_check_at = clock_timestamp() where department_id = ${id}`;
  const claimed = await claim(id);
  if (!claimed) throw new Error("not claimed");
  await storeCheck(ctx(), { ...claimed, canRestart: true }, unwell, healthPace);
  expect(await known(id)).toMatchObject({ heal: "restarted", failures: 4 });
});
