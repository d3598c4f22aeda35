import { afterAll, beforeAll, test } from "bun:test";
import { upgradePlan } from "../../src/provisioning/plans.ts";
import { provision, untilRun } from "../crash/department.ts";
import { killAt } from "../crash/kill-at.ts";
import { type Lanes, startLanes } from "../crash/lanes.ts";
import { addTool, expectRunning, submitUpgrade } from "../crash/upgrade.ts";

const testMs = 590_000;
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(4, { ownServer: true })), testMs);
afterAll(() => lanes.close(), testMs);

for (const { name } of upgradePlan.steps) {
  for (const event of ["begun", "settled", "stored"]) {
    test.concurrent(
      `worker killed at ${name}.${event} of an upgrade: another one resumes within 5 s, and one agent runs with the new definition`,
      () =>
        lanes.use(async (at) => {
          const department = await provision(at);
          await addTool(at, department.slug);
          const { run } = await killAt(at, `${name}.${event}`, () => submitUpgrade(at, department.slug));
          await untilRun(at, run.id, "succeeded");
          await expectRunning(at, department, ["search_documents", "search_contacts"]);
        }),
      testMs,
    );
  }
}
