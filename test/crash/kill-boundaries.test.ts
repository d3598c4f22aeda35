import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { provision, submitDeprovision, submitProvision, untilRun } from "./department.ts";
import { expectDeprovisionedOnce, expectMadeOnce } from "./expect-department.ts";
import { killAt } from "./kill-at.ts";

let at: Installation;
beforeAll(async () => void (at = await startInstallation({ workers: 2 })));
afterAll(() => at.close());

for (const point of ["database.settled", "deploy.begun", "activate.settled"]) {
  test(`worker killed at ${point}: another one resumes within 5 s, and the department is made once`, async () => {
    const { run } = await killAt(at, point, () => submitProvision(at));
    await untilRun(at, run.id, "succeeded");
    await expectMadeOnce(at, run);
  });
}

for (const point of ["stop.stored", "drop-database.settled", "certificate.settled"]) {
  test(`worker killed at ${point}: another one resumes within 5 s, and the department is gone`, async () => {
    const { slug } = await provision(at);
    const { run } = await killAt(at, point, () => submitDeprovision(at, slug));
    expect((await untilRun(at, run.id, "succeeded")).department).toBe("deprovisioned");
    await expectDeprovisionedOnce(at, run);
  });
}
