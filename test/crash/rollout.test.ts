import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";
import { provision } from "./department.ts";
import { addTool, expectRunning } from "./upgrade.ts";

let at: Installation;
beforeAll(async () => void (at = await startInstallation({ workers: 1 })), 60_000);
afterAll(() => at.close());

test("a rollout whose only worker is killed goes on with the next one: every department is upgraded by one run", async () => {
  const departments = await Promise.all([provision(at), provision(at)]);
  for (const { slug } of departments) await addTool(at, slug);
  await at.client.send("POST", "/releases", { name: "next" });
  at.arm("update-agent.begun", "SIGKILL");
  const body = { release: "next", batch_size: 1, gate_seconds: 0 };
  const { id } = await at.client.send("POST", "/rollouts", body);
  await at.fired("update-agent.begun");
  await at.startWorker();
  await until("the rollout succeeded", async () => {
    const { status } = await at.client.get(`/rollouts/${String(id)}`);
    return status === "succeeded";
  });
  for (const department of departments)
    await expectRunning(at, department, ["search_documents", "search_contacts"]);
  const runs = await at.sql`
    select department_id from federation.run where kind = 'upgrade' and status = 'succeeded'`;
  expect(runs.map(({ department_id }) => department_id).toSorted()).toEqual(
    departments.map(({ department }) => department).toSorted(),
  );
}, 120_000);
