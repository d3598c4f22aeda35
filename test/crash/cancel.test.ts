import { afterAll, beforeAll, expect, test } from "bun:test";
import { provisionPlan } from "../../src/provisioning/plans.ts";
import { cancelDuring } from "./cancel-during.ts";
import { provision, submitDeprovision, untilRun } from "./department.ts";
import { expectGone, expectMadeOnce } from "./expect-department.ts";
import { untilTakenOver } from "./kill-at.ts";
import { type Lanes, startLanes } from "./lanes.ts";

const testMs = 60_000;
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(3)), testMs);
afterAll(() => lanes.close(), testMs);

for (const { name } of provisionPlan.steps) {
  test.concurrent(
    `cancelled in the middle of ${name}: nothing is left, and the slug can be used again`,
    () =>
      lanes.use(async (at) => {
        const run = await cancelDuring(at, name);
        const end = await untilRun(at, run.id, "cancelled", "succeeded", "failed");
        expect(end.status).toBe("cancelled");
        await expectGone(at, run);
        await expectMadeOnce(at, await provision(at, run.slug));
      }),
    testMs,
  );
}

test.concurrent(
  "cancelled in the middle of the grace step: the department lives again",
  () =>
    lanes.use(async (at) => {
      const made = await provision(at);
      at.arm("grace.begun", "SIGSTOP");
      const run = await submitDeprovision(at, made.slug, 24);
      const { pid } = await at.fired("grace.begun");
      await at.client.send("POST", `/runs/${run.id}/cancel`, {});
      at.child(pid)?.kill("SIGCONT");
      expect((await untilRun(at, run.id, "cancelled")).department).toBe("active");
      await expectMadeOnce(at, made);
    }),
  testMs,
);

for (const point of ["undo.deploy.begun", "undo.database.settled", "undo.preflight.stored"]) {
  test.concurrent(
    `worker killed at ${point}: another one goes on taking back within 5 s, and nothing is left`,
    () =>
      lanes.use(async (at) => {
        at.arm(point, "SIGKILL");
        const run = await cancelDuring(at, "verify");
        const { atMs } = await at.fired(point);
        await untilTakenOver(at, run, atMs);
        await at.startWorker();
        expect((await untilRun(at, run.id, "cancelled", "failed")).status).toBe("cancelled");
        await expectGone(at, run);
      }),
    testMs,
  );
}
