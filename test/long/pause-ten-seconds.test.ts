import { afterAll, beforeAll, test } from "bun:test";
import { provision, submitDeprovision, submitProvision } from "../crash/department.ts";
import { expectDeprovisionedOnce, expectMadeOnce } from "../crash/expect-department.ts";
import { type Lanes, startLanes } from "../crash/lanes.ts";
import { pauseAt } from "../crash/pause-at.ts";

const testMs = 590_000;
const stoppedMs = 10_000;
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(4, { ownServer: true })), testMs);
afterAll(() => lanes.close(), testMs);

const provisionSteps = ["database", "encryption-key", "client-credentials", "configure", "deploy", "verify"];
const deprovisionSteps = [
  "suspend",
  "archive",
  "delete-host",
  "drop-database",
  "destroy-keys",
  "certificate",
];
const pointsOf = (steps: string[]) => steps.flatMap((step) => [`${step}.begun`, `${step}.settled`]);

for (const point of [...pointsOf(provisionSteps), "activate.begun"]) {
  test.concurrent(
    `a worker paused for 10 s at ${point} changes nothing when it wakes up`,
    () =>
      lanes.use(async (at) => {
        const run = await pauseAt(at, point, () => submitProvision(at), stoppedMs);
        await expectMadeOnce(at, run);
      }),
    testMs,
  );
}

for (const point of pointsOf(deprovisionSteps)) {
  test.concurrent(
    `a worker paused for 10 s at ${point} changes nothing when it wakes up`,
    () =>
      lanes.use(async (at) => {
        const { slug } = await provision(at);
        const run = await pauseAt(at, point, () => submitDeprovision(at, slug), stoppedMs);
        await expectDeprovisionedOnce(at, run);
      }),
    testMs,
  );
}
