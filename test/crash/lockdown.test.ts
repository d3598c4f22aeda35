import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Installation, until } from "../helpers/installation.ts";
import { provision, readRun, submitDeprovision, submitProvision, untilRun } from "./department.ts";
import { expectGone, expectMadeOnce } from "./expect-department.ts";
import { killAt } from "./kill-at.ts";
import { type Lanes, startLanes } from "./lanes.ts";
import {
  expectLocked,
  loginFailure,
  openLogin,
  provisionWithLogin,
  submitLockdown,
  submitUnlock,
} from "./lock.ts";
import { agentPids } from "./processes.ts";

const testMs = 60_000;
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(3)), testMs);
afterAll(() => lanes.close(), testMs);

const guarantee = (name: string, fn: (at: Installation) => Promise<void>) =>
  test.concurrent(name, () => lanes.use(fn), testMs);
const keysOf = async (at: Installation, department: string) => {
  const rows = await at.sql<{ key: string; password: string | null }[]>`
    select key_id as key from federation.api_client where department_id = ${department} and status = 'active'`;
  return rows.map((row) => row.key);
};

guarantee(
  "a lockdown ends the agent and the open session of the direct login, and nobody else's",
  async (at) => {
    const [run, other] = [await provisionWithLogin(at), await provision(at)];
    const session = await openLogin(at, run.slug);
    const lock = await submitLockdown(at, run.slug);
    await untilRun(at, lock.id, "succeeded");
    await expectLocked(at, run);
    expect(await loginFailure(session)).not.toBe("none");
    expect(await loginFailure(session)).not.toBe("none");
    await session.end({ timeout: 1 });
    await expectMadeOnce(at, other);
  },
);

guarantee("an unlock brings it back with another key, another password and no grant", async (at) => {
  const run = await provisionWithLogin(at);
  const old = await openLogin(at, run.slug);
  const before = await keysOf(at, run.department);
  await untilRun(at, (await submitLockdown(at, run.slug)).id, "succeeded");
  const unlock = await submitUnlock(at, run.slug);
  expect((await untilRun(at, unlock.id, "succeeded", "rolled_back")).status).toBe("succeeded");
  const after = await keysOf(at, run.department);
  expect([after.length, after.some((key) => before.includes(key))]).toEqual([1, false]);
  const health = await at.client.get(`/departments/${run.slug}/health`);
  expect(health).toMatchObject({ status: "active", checks: { agent: { status: "ready" } } });
  expect(await loginFailure(old)).not.toBe("none");
  const session = await openLogin(at, run.slug);
  expect(await loginFailure(session)).toBe("none");
  await Promise.all([old, session].map((sql) => sql.end({ timeout: 1 })));
  const [grants] = await at.sql`select count(*)::int as n from federation.access_grant
    where ${run.department} in (source, target) and status = 'approved'`;
  expect(grants?.["n"]).toBe(0);
  const events =
    await at.sql`select type from federation.webhook_event where department_id = ${run.department}
    and type like 'department.%locked' order by created_at`;
  expect(events.map(({ type }) => type)).toEqual(["department.locked", "department.unlocked"]);
});

guarantee("an unlock that fails leaves it locked and stopped", async (at) => {
  const run = await provisionWithLogin(at);
  await untilRun(at, (await submitLockdown(at, run.slug)).id, "succeeded");
  at.arm("before.host.deploy", "fail");
  const unlock = await submitUnlock(at, run.slug);
  expect((await untilRun(at, unlock.id, "rolled_back", "succeeded")).status).toBe("rolled_back");
  at.disarm("before.host.deploy");
  await expectLocked(at, run);
  const again = await submitUnlock(at, run.slug);
  await untilRun(at, again.id, "succeeded");
  expect(await keysOf(at, run.department)).toHaveLength(1);
});

guarantee("a lockdown while an unlock deploys wins: it is locked again, by another lock", async (at) => {
  const run = await provisionWithLogin(at);
  await untilRun(at, (await submitLockdown(at, run.slug)).id, "succeeded");
  at.arm("release-lock.begun", "SIGSTOP");
  const unlock = await submitUnlock(at, run.slug);
  const { pid } = await at.fired("release-lock.begun");
  const lock = await submitLockdown(at, run.slug);
  at.child(pid)?.kill("SIGCONT");
  await untilRun(at, lock.id, "succeeded");
  await untilRun(at, unlock.id, "cancelled", "rolled_back");
  await expectLocked(at, run, 2);
});

for (const point of ["database.settled", "deploy.settled", "activate.begun", "activate.settled"]) {
  guarantee(
    `a lockdown while provisioning is at ${point}: it never comes to life and is taken back`,
    async (at) => {
      at.arm(point, "SIGSTOP");
      const run = await submitProvision(at);
      const { pid } = await at.fired(point);
      const lock = await submitLockdown(at, run.slug);
      at.child(pid)?.kill("SIGCONT");
      await untilRun(at, lock.id, "succeeded");
      expect((await readRun(at, run.id)).status).toBeOneOf(["failed", "rolling_back", "cancelled"]);
      expect(agentPids(run.department) ?? []).toEqual([]);
      await untilRun(at, run.id, "cancelled");
      await expectGone(at, run);
    },
  );
}

guarantee("a lockdown of a parked provisioning takes it back", async (at) => {
  at.arm("before.host.deploy", "fail");
  const run = await submitProvision(at);
  await untilRun(at, run.id, "failed");
  const lock = await submitLockdown(at, run.slug);
  at.disarm("before.host.deploy");
  await untilRun(at, run.id, "cancelled");
  await untilRun(at, lock.id, "succeeded");
  await expectGone(at, run);
});

guarantee(
  "a lockdown in a deprovision's grace stops the agent, and a cancel does not bring it back",
  async (at) => {
    const run = await provisionWithLogin(at);
    const going = await submitDeprovision(at, run.slug, 1);
    await until(
      "the grace has begun",
      async () => (await readRun(at, going.id)).steps["grace"]?.status === "waiting",
    );
    await untilRun(at, (await submitLockdown(at, run.slug)).id, "succeeded");
    await expectLocked(at, run);
    await at.client.send("POST", `/runs/${going.id}/cancel`, {});
    await untilRun(at, going.id, "cancelled");
    await expectLocked(at, run);
    const end = await submitDeprovision(at, run.slug);
    await untilRun(at, end.id, "succeeded");
    await expectGone(at, run);
  },
);

guarantee("a deprovision that is already destroying goes on to its certificate", async (at) => {
  const { slug } = await provision(at);
  at.arm("drop-database.begun", "SIGSTOP");
  const run = await submitDeprovision(at, slug);
  const { pid } = await at.fired("drop-database.begun");
  const lock = await submitLockdown(at, slug);
  await untilRun(at, lock.id, "succeeded");
  at.child(pid)?.kill("SIGCONT");
  await untilRun(at, run.id, "succeeded");
  await expectGone(at, run);
});

guarantee("two lockdowns at once are one", async (at) => {
  const run = await provisionWithLogin(at);
  const locks = await Promise.all([1, 2, 3].map(() => submitLockdown(at, run.slug)));
  expect(new Set(locks.map(({ id }) => id)).size).toBe(1);
  await untilRun(at, locks[0]?.id ?? "", "succeeded");
  await expectLocked(at, run);
});

guarantee("a lockdown whose host fails for a while does not give up", async (at) => {
  const run = await provision(at);
  at.arm("before.host.stop", "fail");
  const lock = await submitLockdown(at, run.slug);
  // The run is parked once its other steps are through.
  await untilRun(at, lock.id, "failed");
  at.disarm("before.host.stop");
  await at.client.send("POST", `/departments/${run.slug}/lockdown`, { reason: "again" });
  await untilRun(at, lock.id, "succeeded");
  await expectLocked(at, run);
});

for (const point of ["stop.begun", "after.host.stop", "close-login.settled", "confirm-locked.begun"]) {
  guarantee(
    `worker killed at ${point} of a lockdown: another one goes on, and it is locked once`,
    async (at) => {
      const run = await provisionWithLogin(at);
      const { run: lock } = await killAt(at, point, () => submitLockdown(at, run.slug));
      await untilRun(at, lock.id, "succeeded");
      await expectLocked(at, run);
      expect(agentPids(run.department) ?? []).toEqual([]);
    },
  );
}
