import { afterAll, beforeAll, expect, test } from "bun:test";
import { lockdownPlan, type Plan, unlockPlan } from "../../src/provisioning/plans.ts";
import { untilRun } from "../crash/department.ts";
import { auditedActions } from "../crash/expect-department.ts";
import { killAt, untilFiredOrOver, untilTakenOver } from "../crash/kill-at.ts";
import { type Lanes, startLanes } from "../crash/lanes.ts";
import {
  expectLocked,
  loginFailure,
  openLogin,
  provisionWithLogin,
  submitLockdown,
  submitUnlock,
} from "../crash/lock.ts";

const testMs = 590_000;
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(4, { ownServer: true })), testMs);
afterAll(() => lanes.close(), testMs);

const pointsOf = (plan: Plan) =>
  plan.steps.flatMap(({ name }) => ["begun", "settled", "stored"].map((event) => `${name}.${event}`));

for (const point of pointsOf(lockdownPlan)) {
  test.concurrent(
    `worker killed at ${point} of a lockdown: another one resumes within 5 s, and it is locked and stopped, once`,
    () =>
      lanes.use(async (at) => {
        const department = await provisionWithLogin(at);
        const { run } = await killAt(at, point, () => submitLockdown(at, department.slug));
        await untilRun(at, run.id, "succeeded");
        await expectLocked(at, department);
      }),
    testMs,
  );
}

for (const point of pointsOf(unlockPlan)) {
  test.concurrent(
    `worker killed at ${point} of an unlock: another one resumes within 5 s, and it is back once, with one key`,
    () =>
      lanes.use(async (at) => {
        const department = await provisionWithLogin(at);
        await untilRun(at, (await submitLockdown(at, department.slug)).id, "succeeded");
        const { run } = await killAt(at, point, () => submitUnlock(at, department.slug));
        await untilRun(at, run.id, "succeeded");
        const [row] = await at.sql`
          select status, locked_at, (select count(*)::int from federation.api_client c
            where c.department_id = d.id and c.status <> 'revoked') as keys
          from federation.department d where id = ${department.department}`;
        expect(row).toEqual({ status: "active", locked_at: null, keys: 1 } as never);
        const health = await at.client.get(`/departments/${department.slug}/health`);
        expect(health["checks"]).toMatchObject({ agent: { status: "ready" } });
        const session = await openLogin(at, department.slug);
        expect(await loginFailure(session)).toBe("none");
        await session.end({ timeout: 1 });
        expect((await auditedActions(at, department.department)).get("department.release")).toBe(1);
      }),
    testMs,
  );
}

for (const point of pointsOf(unlockPlan).map((name) => `undo.${name}`)) {
  test.concurrent(
    `worker killed at ${point} of an unlock: another one goes on taking back, and it is locked and stopped again`,
    () =>
      lanes.use(async (at) => {
        const department = await provisionWithLogin(at);
        await untilRun(at, (await submitLockdown(at, department.slug)).id, "succeeded");
        at.arm("release-lock.settled", "SIGSTOP");
        at.arm(point, "SIGKILL");
        const run = await submitUnlock(at, department.slug);
        const { pid } = await at.fired("release-lock.settled");
        await at.client.send("POST", `/runs/${run.id}/cancel`, {});
        at.child(pid)?.kill("SIGCONT");
        const fired = await untilFiredOrOver(at, run, point);
        if (fired === "over") at.disarm(point);
        else await Promise.all([untilTakenOver(at, run, fired.atMs), at.startWorker()]);
        expect((await untilRun(at, run.id, "cancelled", "failed")).status).toBe("cancelled");
        await expectLocked(at, department, 2);
      }),
    testMs,
  );
}
