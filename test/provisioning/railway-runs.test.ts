import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  provision,
  readRun,
  runOf,
  submitDeprovision,
  submitProvision,
  untilRun,
} from "../crash/department.ts";
import { type FakeRailway, startFakeRailway } from "../fakes/railway/start-fake-railway.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";
import { fastPace, scale } from "../providers/railway/railway-world.ts";

let railway: FakeRailway;
let at: Installation;
beforeAll(async () => {
  railway = await startFakeRailway({ scale, lagSeconds: [1, 4], deploySeconds: [20, 30] });
  at = await startInstallation({
    workers: 1,
    environment: {
      HOSTS: "railway",
      RAILWAY_ENDPOINT: railway.url,
      RAILWAY_API_TOKEN: railway.controls.accountToken,
      AGENT_IMAGE: "agent:1",
      TEST_RAILWAY_PACE: JSON.stringify(fastPace()),
    },
  });
}, 60_000);
afterAll(async () => {
  await at.close();
  await railway.close();
});

const projectOf = (department: string) =>
  railway.controls.projects().find(({ description }) => description?.includes(department));
const deploymentsOf = (department: string) =>
  railway.controls
    .deploymentsOf(projectOf(department)?.id ?? "")
    .map(({ image, status }) => `${image} ${status}`);

test("a department is provisioned and removed on Railway without a failed attempt", async () => {
  const run = await provision(at);
  expect(deploymentsOf(run.department)).toEqual(["agent:1 SUCCESS"]);
  const removal = await submitDeprovision(at, run.slug);
  await untilRun(at, removal.id, "succeeded");
  expect(projectOf(run.department)).toBeUndefined();
  const failures = await at.sql`
    select name, error_code from federation.step where run_id in (${run.id}, ${removal.id}) and failures > 0`;
  expect([...failures]).toEqual([]);
});

test("a provisioning that is cancelled while Railway starts the agent leaves nothing there", async () => {
  const run = await submitProvision(at);
  await until("the deploy is under way", () => Promise.resolve(deploymentsOf(run.department).length > 0));
  await at.client.send("POST", `/runs/${run.id}/cancel`, {});
  await untilRun(at, run.id, "cancelled");
  expect(projectOf(run.department)).toBeUndefined();
});

test("an upgrade whose agent fails is put back without a deployment of the old one, which never stopped", async () => {
  const { department, slug } = await provision(at);
  const body = { release: "agent:bad" };
  const upgrade = runOf(await at.client.send("POST", `/departments/${slug}/upgrade`, body));
  await untilRun(at, upgrade.id, "rolled_back");
  expect(deploymentsOf(department)).toEqual(["agent:1 SUCCESS", "agent:bad FAILED"]);
  expect((await readRun(at, upgrade.id)).department).toBe("active");
  const [row] = await at.sql<{ release: string }[]>`
    select release from federation.department where id = ${department}`;
  expect(row?.release).toBe("agent:1");
});
