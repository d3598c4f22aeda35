import { afterAll, beforeAll, test } from "bun:test";
import { startInstallation, type Installation } from "../helpers/installation.ts";
import { provision, submitDeprovision, submitProvision, untilRun } from "./department.ts";
import { expectDeprovisionedOnce, expectMadeOnce } from "./expect-department.ts";
import { holdDepartment, holderOf, untilBlocked } from "./hold-row.ts";
import { killAt, untilTakenOver } from "./kill-at.ts";

let at: Installation;
beforeAll(async () => void (at = await startInstallation({ workers: 2 })));
afterAll(() => at.close());

for (const call of ["host.ensureService", "host.setVariables", "host.deploy", "vault.ensureDepartmentKey"]) {
  test(`worker killed after ${call}, before it is written down: the department is made once`, async () => {
    const { run } = await killAt(at, `after.${call}`, () => submitProvision(at));
    await untilRun(at, run.id, "succeeded");
    await expectMadeOnce(at, run);
  });
}

for (const call of ["host.destroy", "vault.destroyDepartmentKeys"]) {
  test(`worker killed after ${call}, before it is written down: the department is gone`, async () => {
    const { slug } = await provision(at);
    const { run } = await killAt(at, `after.${call}`, () => submitDeprovision(at, slug));
    await untilRun(at, run.id, "succeeded");
    await expectDeprovisionedOnce(at, run);
  });
}

test("worker killed while the server makes the schema: another one resumes within 5 s, and it is made once", async () => {
  at.arm("database.begun", "SIGSTOP");
  const run = await submitProvision(at);
  const { pid } = await at.fired("database.begun");
  await holdDepartment(at, run, async () => {
    at.child(pid)?.kill("SIGCONT");
    await untilBlocked(at, "federation_provisioner", "federation_roles.add");
    const holder = await holderOf(at, run);
    holder.kill("SIGKILL");
    await untilTakenOver(at, run, Date.now());
  });
  await at.startWorker();
  await untilRun(at, run.id, "succeeded");
  await expectMadeOnce(at, run);
});
