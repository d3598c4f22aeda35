import { afterAll, beforeAll, test } from "bun:test";
import {
  provision,
  submitDeprovision,
  submitProvision,
  type TestRun,
  untilRun,
} from "../crash/department.ts";
import { expectDeprovisionedOnce, expectMadeOnce } from "../crash/expect-department.ts";
import { killAt } from "../crash/kill-at.ts";
import { type Lanes, startLanes } from "../crash/lanes.ts";
import type { Installation } from "../helpers/installation.ts";
import { deprovisionPlan, type Plan, provisionPlan } from "../../src/provisioning/plans.ts";

const testMs = 590_000;
const everyStep = { database: { direct_access: true } };
const takeoversMs: number[] = [];
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(4, { ownServer: true })), testMs);
afterAll(async () => {
  const sorted = takeoversMs.toSorted((one, other) => one - other);
  console.log(`${sorted.length} takeovers, ms: median ${sorted[sorted.length >> 1]}, most ${sorted.at(-1)}`);
  await lanes.close();
}, testMs);

const pointsOf = (plan: Plan) =>
  plan.steps.flatMap(({ name }) => ["begun", "settled", "stored"].map((event) => `${name}.${event}`));

/** The run survives the kill, ends well, and how long the takeover took is kept. */
async function survive(at: Installation, point: string, submit: () => Promise<TestRun>): Promise<TestRun> {
  const { run, takeoverMs } = await killAt(at, point, submit);
  if (takeoverMs !== undefined) takeoversMs.push(takeoverMs);
  await untilRun(at, run.id, "succeeded");
  return run;
}

for (const point of pointsOf(provisionPlan)) {
  test.concurrent(
    `worker killed at ${point}: another one resumes within 5 s, and the department is made once`,
    () =>
      lanes.use(async (at) => {
        const run = await survive(at, point, () => submitProvision(at, undefined, everyStep));
        await expectMadeOnce(at, run, { directAccess: true });
        const end = await submitDeprovision(at, run.slug);
        await untilRun(at, end.id, "succeeded");
      }),
    testMs,
  );
}

for (const point of pointsOf(deprovisionPlan)) {
  test.concurrent(
    `worker killed at ${point}: another one resumes within 5 s, and the department is gone`,
    () =>
      lanes.use(async (at) => {
        const { slug } = await provision(at);
        const run = await survive(at, point, () => submitDeprovision(at, slug));
        await expectDeprovisionedOnce(at, run);
      }),
    testMs,
  );
}
