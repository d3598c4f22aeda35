import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { provision, untilRun } from "./department.ts";
import { auditedActions } from "./expect-department.ts";
import { killAt } from "./kill-at.ts";
import { expectLocked, submitLockdown } from "./lock.ts";
import { addTool, expectRunning, submitUpgrade } from "./upgrade.ts";

let at: Installation;
beforeAll(async () => void (at = await startInstallation({ workers: 2 })));
afterAll(() => at.close());

test("an upgrade brings the agent to the present definition, and repeating it changes nothing", async () => {
  const department = await provision(at);
  await expectRunning(at, department, ["search_documents"]);
  await addTool(at, department.slug);
  await untilRun(at, (await submitUpgrade(at, department.slug)).id, "succeeded");
  await expectRunning(at, department, ["search_documents", "search_contacts"]);
  const before = await agentRow(department.department);
  await untilRun(at, (await submitUpgrade(at, department.slug)).id, "succeeded");
  expect(await agentRow(department.department)).toEqual(before!);
});

test("a worker killed in an upgrade: another one ends it within 5 s, and one agent runs with the new definition", async () => {
  const department = await provision(at);
  await addTool(at, department.slug);
  const { run } = await killAt(at, "update-agent.begun", () => submitUpgrade(at, department.slug));
  await untilRun(at, run.id, "succeeded");
  await expectRunning(at, department, ["search_documents", "search_contacts"]);
});

test("an upgrade that fails is taken back at once, and the department goes on as it was", async () => {
  const department = await provision(at);
  at.arm("before.host.deploy", "fail");
  const run = await submitUpgrade(at, department.slug);
  await untilRun(at, run.id, "rolling_back", "failed", "rolled_back");
  at.disarm("before.host.deploy");
  await untilRun(at, run.id, "rolled_back", "failed");
  await expectRunning(at, department, ["search_documents"]);
  expect((await auditedActions(at, department.department)).get("agent.release")).toBeUndefined();
});

test("a lockdown in the middle of an upgrade ends with everything stopped", async () => {
  const department = await provision(at);
  at.arm("update-agent.settled", "SIGSTOP");
  await submitUpgrade(at, department.slug);
  const { pid } = await at.fired("update-agent.settled");
  const lock = await submitLockdown(at, department.slug);
  at.child(pid)?.kill("SIGCONT");
  await untilRun(at, lock.id, "succeeded");
  await expectLocked(at, department);
});

test("a department that is suspended, and a release on a host that has one only, are refused", async () => {
  const department = await provision(at);
  const release = { release: "registry.example/agent:2" };
  const refused = at.client.send("POST", `/departments/${department.slug}/upgrade`, release);
  await expect(refused).rejects.toMatchObject({ status: 422, code: "release_not_chosen" });
  await untilRun(at, (await submitLockdown(at, department.slug)).id, "succeeded");
  const locked = submitUpgrade(at, department.slug);
  await expect(locked).rejects.toMatchObject({ status: 409, code: "not_active" });
});

async function agentRow(department: string) {
  const [row] = await at.sql`
    select spec_version, restarts, pid, port from federation.local_agent where department_id = ${department}`;
  return row;
}
