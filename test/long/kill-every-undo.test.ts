import { afterAll, beforeAll, expect, test } from "bun:test";
import { provisionPlan } from "../../src/provisioning/plans.ts";
import { cancelDuring } from "../crash/cancel-during.ts";
import { provision, untilRun } from "../crash/department.ts";
import { expectGone, expectMadeOnce } from "../crash/expect-department.ts";
import { untilFiredOrOver, untilTakenOver } from "../crash/kill-at.ts";
import { type Lanes, startLanes } from "../crash/lanes.ts";

const testMs = 590_000;
const everyStep = { database: { direct_access: true } };
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(4, { ownServer: true })), testMs);
afterAll(() => lanes.close(), testMs);

for (const { name } of provisionPlan.steps) {
  for (const event of ["begun", "settled", "stored"]) {
    const point = `undo.${name}.${event}`;
    test.concurrent(
      `worker killed at ${point}: another one goes on taking back within 5 s, and nothing is left`,
      () =>
        lanes.use(async (at) => {
          at.arm(point, "SIGKILL");
          const run = await cancelDuring(at, "activate", everyStep);
          const fired = await untilFiredOrOver(at, run, point);
          if (fired === "over") at.disarm(point);
          else await Promise.all([untilTakenOver(at, run, fired.atMs), at.startWorker()]);
          const end = await untilRun(at, run.id, "cancelled", "failed");
          expect(end.status).toBe("cancelled");
          // Only what did nothing needs no undo.
          expect(end.steps[name]?.status).toBe(fired === "over" ? "skipped" : "undone");
          await expectGone(at, run);
          await expectMadeOnce(at, await provision(at, run.slug));
        }),
      testMs,
    );
  }
}
