import { afterAll, beforeAll, expect, test } from "bun:test";
import { provisionPlan } from "../../src/provisioning/plans.ts";
import { cancelDuring } from "../crash/cancel-during.ts";
import { provision, readRun, untilRun } from "../crash/department.ts";
import { expectGone, expectMadeOnce } from "../crash/expect-department.ts";
import { untilTakenOver } from "../crash/kill-at.ts";
import { type Lanes, startLanes } from "../crash/lanes.ts";
import { until } from "../helpers/installation.ts";

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
          const fired = await until("a worker was killed, or the run is over", async () => {
            const seen = await at.firedYet(point);
            if (seen) return seen;
            if (!(await readRun(at, run.id)).over) return false;
            // What ends the run is stored before the worker comes by the point behind it.
            await Bun.sleep(500);
            return (await at.firedYet(point)) ?? "over";
          });
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
