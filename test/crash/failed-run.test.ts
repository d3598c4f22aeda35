import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Installation } from "../helpers/installation.ts";
import { callAsAgent } from "./agent.ts";
import { departmentBody, provision, readRun, submitProvision, type TestRun, untilRun } from "./department.ts";
import { expectGone, expectMadeOnce } from "./expect-department.ts";
import { type Lanes, startLanes } from "./lanes.ts";

const testMs = 60_000;
let lanes: Lanes;
beforeAll(async () => void (lanes = await startLanes(2)), testMs);
afterAll(() => lanes.close(), testMs);

const guarantee = (name: string, fn: (at: Installation) => Promise<void>) =>
  test.concurrent(name, () => lanes.use(fn), testMs);

/** A run that was parked because its agent could not be deployed; what failed works again. */
async function parked(at: Installation): Promise<TestRun> {
  at.arm("before.host.deploy", "fail");
  const run = await submitProvision(at);
  const end = await untilRun(at, run.id, "failed", "succeeded");
  expect(end).toMatchObject({ status: "failed", error: "made_to_fail", department: "failed" });
  expect(end.steps["deploy"]).toMatchObject({ status: "failed", error: "made_to_fail" });
  at.disarm("before.host.deploy");
  return run;
}

const attemptsOf = async (at: Installation, run: TestRun, names: string[]) => {
  const { steps } = await readRun(at, run.id);
  return names.map((name) => [name, steps[name]?.attempt]);
};

guarantee(
  "of a run that failed nothing is in force: the agent's key opens nothing but its self-check",
  async (at) => {
    const run = await parked(at);
    const [key] =
      await at.sql`select status from federation.api_client where department_id = ${run.department}`;
    expect(key).toEqual({ status: "pending" } as never);
    const question = {
      target_department_id: run.slug,
      query_type: "search_documents",
      query_params: { query: "x" },
      reason: "test",
    };
    expect(await callAsAgent(at, run, "POST", "/cross-dept/query", question)).toBeOneOf([401, 403]);
    expect(await callAsAgent(at, run, "GET", `/departments/${run.slug}`)).toBeOneOf([401, 403]);
    const item = { external_id: "1", source: "test", name: "x", text: "x" };
    expect(
      await callAsAgent(at, run, "PUT", `/departments/${run.slug}/documents`, { items: [item] }),
    ).toBeOneOf([401, 403]);
  },
);

guarantee("a failed run that is retried goes on at the failed step", async (at) => {
  const run = await parked(at);
  await at.client.send("POST", `/runs/${run.id}/retry`, {});
  await untilRun(at, run.id, "succeeded");
  const names = ["database", "client-credentials", "configure", "deploy", "activate"];
  expect(await attemptsOf(at, run, names)).toEqual(names.map((name) => [name, name === "deploy" ? 2 : 1]));
  await expectMadeOnce(at, run);
});

guarantee(
  "a retry from a step does that step and all that need it again, and nothing is made twice",
  async (at) => {
    const run = await parked(at);
    await at.client.send("POST", `/runs/${run.id}/retry`, { from_step: "client-credentials" });
    await untilRun(at, run.id, "succeeded");
    const names = ["database", "encryption-key", "host-project", "client-credentials", "configure", "deploy"];
    expect(await attemptsOf(at, run, names)).toEqual(names.map((name, index) => [name, index < 3 ? 1 : 2]));
    await expectMadeOnce(at, run);
  },
);

guarantee("a failed run that is cancelled leaves nothing, and the slug can be used again", async (at) => {
  const run = await parked(at);
  await at.client.send("POST", `/runs/${run.id}/cancel`, {});
  await untilRun(at, run.id, "cancelled");
  await expectGone(at, run);
  await expectMadeOnce(at, await provision(at, run.slug));
});

guarantee("with a hold of 0 minutes a failed run is taken back at once", async (at) => {
  at.arm("before.host.deploy", "fail");
  const run = await submitProvision(at, undefined, { failure_hold_minutes: 0 });
  const end = await untilRun(at, run.id, "rolled_back", "failed");
  at.disarm("before.host.deploy");
  expect(end).toMatchObject({ status: "rolled_back", error: "made_to_fail", department: "deprovisioned" });
  await expectGone(at, run);
});

guarantee(
  "what cannot be taken back is listed and keeps the slug, until a retry takes it back",
  async (at) => {
    at.arm("before.host.deploy", "fail");
    at.arm("before.host.destroy", "fail");
    const run = await submitProvision(at, undefined, { failure_hold_minutes: 0 });
    const end = await untilRun(at, run.id, "failed", "rolled_back");
    expect(end).toMatchObject({ status: "failed", error: "rollback_incomplete", department: "failed" });
    const shown = await at.client.get(`/provision-status/${run.id}`);
    expect(shown["orphans"]).toContainEqual(expect.objectContaining({ kind: "local_agent" }));
    const again = at.client.send("POST", "/provision-department", {
      ...departmentBody(run.slug),
      department_name: "Other",
    });
    expect(again).rejects.toMatchObject({ code: "department_exists" });
    at.disarm("before.host.deploy");
    at.disarm("before.host.destroy");
    await at.client.send("POST", `/runs/${run.id}/retry`, {});
    expect(await untilRun(at, run.id, "rolled_back")).toMatchObject({ department: "deprovisioned" });
    await expectGone(at, run);
    await expectMadeOnce(at, await provision(at, run.slug));
  },
);
