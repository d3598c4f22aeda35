import { afterAll, beforeAll, expect, test } from "bun:test";
import { checkDepartment } from "../../src/health/check-department.ts";
import { checkWorkflows } from "../../src/health/check-workflows.ts";
import { createWorkflowLooks } from "../../src/health/workflow-looks.ts";
import { noTracer } from "../../src/traces/tracer.ts";
import { type Department, type WorkflowsWorld, workflowsWorld } from "../workflows/world.ts";

let world: WorkflowsWorld;
beforeAll(async () => void (world = await workflowsWorld()));
afterAll(() => world.close());

async function made(tools?: readonly string[]): Promise<Department> {
  const department = await world.addDepartment(tools);
  await world.ensure(department);
  return department;
}

/** A worker's looks. */
function newLooks() {
  const { config, vault, db } = world.edge.deps;
  if (!db.provisioner) throw new Error("no provisioner");
  const all = { ...db, provisioner: db.provisioner };
  const workflows = createWorkflowLooks({ everySeconds: 300, recheckSeconds: 5 });
  const deps = { config, vault, n8n: world.client, db: all, workflows, hosts: new Map(), tracer: noTracer };
  const check = ({ id }: Department, lookedSecondsAgo: number | null = null) =>
    checkWorkflows(deps, { id, lookedSecondsAgo });
  return { deps, check };
}

const lists = () => world.n8n.calls.filter((call) => call === "GET /workflows").length;
const workflowOf = ({ suffix }: Department, key: string) => {
  const found = [...world.n8n.store.workflows.values()].find(({ name }) => name.endsWith(`${suffix}/${key}`));
  if (!found) throw new Error(`there is no ${key}`);
  return found;
};

const n8nForgets = (id: string) => world.n8n.store.workflows.delete(id);

test("a department without workflows, and one whose workflows are all on, are well", async () => {
  const { check } = newLooks();
  expect(await check(await world.addDepartment())).toEqual({ status: "ok", detail: "" });
  expect(await check(await made())).toEqual({ status: "ok", detail: "" });
});

test("a workflow that is off, and one that is gone, are named, and once they are back all is well", async () => {
  const department = await made(["calendar", "email"]);
  const { signal } = new AbortController();
  await world.client.unpublishWorkflow(workflowOf(department, "calendar").id, signal);
  expect(await newLooks().check(department)).toEqual({ status: "failed", detail: "Off: calendar." });
  await world.client.deleteWorkflow(workflowOf(department, "email").id, signal);
  expect(await newLooks().check(department)).toEqual({
    status: "failed",
    detail: "Missing in n8n: email. Off: calendar.",
  });
  await world.ensure(department);
  expect(await newLooks().check(department)).toEqual({ status: "ok", detail: "" });
});

test("all departments of one n8n cost one list in a cycle, and what is wrong by it is asked for once more", async () => {
  const departments = [await made(), await made(), await made()];
  const { check } = newLooks();
  const before = lists();
  await Promise.all(departments.map((one) => check(one)));
  await Promise.all(departments.map((one) => check(one)));
  expect(lists()).toBe(before + 1);
  // The list of the cycle does not know what was made behind it.
  const late = await made();
  await Bun.sleep(1100);
  const since = lists();
  expect(await check(late)).toEqual({ status: "ok", detail: "" });
  expect(lists()).toBe(since + 1);
});

test("a look between two cycles does not believe a list that is older than the look before", async () => {
  const department = await made();
  const { check } = newLooks();
  expect(await check(department)).toMatchObject({ status: "ok" });
  n8nForgets(workflowOf(department, "calendar").id);
  await Bun.sleep(1100);
  expect(await check(department, 60)).toMatchObject({ status: "ok" });
  expect(await check(department, 1)).toMatchObject({ status: "failed" });
});

test("an n8n that does not answer is shown, and makes no department unwell", async () => {
  const department = await made();
  const { deps } = newLooks();
  const silent = { ...world.client, listWorkflows: () => Promise.reject(new Error("canary of a network")) };
  const row = {
    ...department,
    host: "local",
    roleName: department.schemaName,
    fence: "1",
    lookedSecondsAgo: null,
  };
  const checks = await checkDepartment({ ...deps, n8n: silent }, row);
  expect(checks.workflows).toEqual({ status: "warning", detail: "The n8n does not answer." });
});
