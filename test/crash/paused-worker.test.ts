import { afterAll, beforeAll, test } from "bun:test";
import type { Installation } from "../helpers/installation.ts";
import { provision, submitDeprovision, submitProvision, untilRun } from "./department.ts";
import { expectDeprovisionedOnce, expectMadeOnce } from "./expect-department.ts";
import { holdDepartment, holderOf, holdTrail, untilBlocked } from "./hold-row.ts";
import { untilTakenOver } from "./kill-at.ts";
import { type Lanes, startLanes } from "./lanes.ts";
import { pauseAt, wakeAndExpectNothing } from "./pause-at.ts";

const testMs = 60_000;
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(3)), testMs);
afterAll(() => lanes.close(), testMs);

const guarantee = (name: string, fn: (at: Installation) => Promise<void>) =>
  test.concurrent(name, () => lanes.use(fn), testMs);

for (const point of ["client-credentials.settled", "deploy.begun", "activate.begun"]) {
  guarantee(`a worker paused at ${point} that wakes up after the end changes nothing`, async (at) => {
    await expectMadeOnce(at, await pauseAt(at, point, () => submitProvision(at)));
  });
}

guarantee(
  "a worker paused before it drops the schema that wakes up after the end changes nothing",
  async (at) => {
    const { slug } = await provision(at);
    const run = await pauseAt(at, "drop-database.begun", () => submitDeprovision(at, slug));
    await expectDeprovisionedOnce(at, run);
  },
);

guarantee("a worker paused inside a transaction does not hold up the takeover beyond 5 s", async (at) => {
  const run = await pauseAt(at, "after.vault.ensureDepartmentKey", () => submitProvision(at));
  await expectMadeOnce(at, run);
});

guarantee("a worker paused while the server makes the schema does not hold up the takeover", async (at) => {
  at.arm("database.begun", "SIGSTOP");
  const run = await submitProvision(at);
  const { pid } = await at.fired("database.begun");
  const holder = await holdDepartment(at, run, async () => {
    at.child(pid)?.kill("SIGCONT");
    await untilBlocked(at, "federation_provisioner", "federation_roles.add");
    return stopHolder(at, run);
  });
  await untilTakenOver(at, run, holder.stoppedMs);
  await untilRun(at, run.id, "succeeded");
  await wakeAndExpectNothing(at, run, holder.pid);
  await expectMadeOnce(at, run);
});

guarantee("a worker paused between fence and commit does not hold up the takeover beyond 5 s", async (at) => {
  at.arm("activate.begun", "SIGSTOP");
  const run = await submitProvision(at);
  const { pid } = await at.fired("activate.begun");
  const holder = await holdTrail(at, run, async () => {
    at.child(pid)?.kill("SIGCONT");
    await untilBlocked(at, "federation_app", "select audit.append");
    return stopHolder(at, run);
  });
  await untilTakenOver(at, run, holder.stoppedMs);
  await untilRun(at, run.id, "succeeded");
  await wakeAndExpectNothing(at, run, holder.pid);
  await expectMadeOnce(at, run);
});

guarantee("a worker that wakes up while another one carries the run changes nothing", async (at) => {
  at.arm("client-credentials.settled", "SIGSTOP");
  const run = await submitProvision(at);
  const { pid, atMs } = await at.fired("client-credentials.settled");
  await holdDepartment(at, run, async () => {
    await untilTakenOver(at, run, atMs);
    await untilBlocked(at, "federation_app", "agent_url");
    await wakeAndExpectNothing(at, run, pid);
  });
  await untilRun(at, run.id, "succeeded");
  await expectMadeOnce(at, run);
});

async function stopHolder(at: Installation, run: Awaited<ReturnType<typeof submitProvision>>) {
  const holder = await holderOf(at, run);
  holder.kill("SIGSTOP");
  return { pid: holder.pid, stoppedMs: Date.now() };
}
