import { afterAll, beforeAll, expect, test } from "bun:test";
import { provisionPlan } from "../../src/provisioning/plans.ts";
import { cancelDuring } from "../crash/cancel-during.ts";
import { provision, untilRun } from "../crash/department.ts";
import { expectGone, expectMadeOnce } from "../crash/expect-department.ts";
import { untilTakenOver } from "../crash/kill-at.ts";
import { type Lanes, startLanes } from "../crash/lanes.ts";

const testMs = 590_000;
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(4)), testMs);
afterAll(() => lanes.close(), testMs);

for (const { name } of provisionPlan.steps) {
  for (const event of ["begun", "settled", "stored"]) {
    const point = `undo.${name}.${event}`;
    test.concurrent(
      `worker killed at ${point}: another one goes on taking back within 5 s, and nothing is left`,
      () =>
        lanes.use(async (at) => {
          at.arm(point, "SIGKILL");
          const run = await cancelDuring(at, "activate");
          const { atMs } = await at.fired(point);
          await untilTakenOver(at, run, atMs);
          await at.startWorker();
          expect((await untilRun(at, run.id, "cancelled", "failed")).status).toBe("cancelled");
          await expectGone(at, run);
          await expectMadeOnce(at, await provision(at, run.slug));
        }),
      testMs,
    );
  }
}
