import { afterAll, beforeAll, expect, test } from "bun:test";
import { readMove } from "../../src/departments/move-input.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
const environment = {
  HOSTS: "local,docker,railway",
  AGENT_IMAGE: "agent:1",
  RAILWAY_API_TOKEN: "not-a-token",
};
beforeAll(async () => void (edge = await testEdge({ environment })));
afterAll(() => edge.close());

const move = ({ slug }: TestDepartment, body: object, headers: Record<string, string> = {}) =>
  edge.call("POST", `/api/v1/departments/${slug}/move`, { key: edge.adminKey, body, headers });
async function departmentOn(host: string, region: string | null, release: string) {
  const department = await edge.addDepartment();
  await edge.sql`update federation.department set host = ${host}, region = ${region}, release = ${release}
    where id = ${department.id}`;
  return department;
}
async function asked(department: TestDepartment, body: object) {
  const { status, json } = await move(department, body);
  expect(status).toBe(202);
  const [run] = await edge.sql`select kind, input from federation.run where id = ${json.provisioning_id}`;
  expect(run?.["kind"]).toBe("move");
  return readMove(run?.["input"]);
}

test("a move sent twice under one Idempotency-Key is one run", async () => {
  const department = await edge.addDepartment();
  const headers = { "idempotency-key": crypto.randomUUID() };
  const [first, second] = [
    await move(department, { to: "docker" }, headers),
    await move(department, { to: "docker" }, headers),
  ];
  expect(second.json).toEqual(first.json);
  expect(first.json).toMatchObject({ department: department.id, status: "moving" });
  const progress = await edge.call("GET", `/api/v1/provision-status/${first.json.provisioning_id}`, {
    key: edge.adminKey,
  });
  expect(progress.json).toMatchObject({ kind: "move", status: "moving", run_status: "queued" });
});

test("a host that runs images gets the installation's, or the one the department has already", async () => {
  const template = await departmentOn("local", null, "agent-1");
  expect((await asked(template, { to: "docker" })).to.release).toBe("agent:1");
  const own = await departmentOn("docker", null, "agent:own");
  expect((await asked(own, { to: "railway" })).to.release).toBe("agent:own");
  const back = await departmentOn("docker", null, "agent:own");
  expect(await asked(back, { to: "local" })).toEqual({
    from: { host: "docker", region: null, release: "agent:own" },
    to: { host: "local", region: null, release: "agent-1" },
  });
});

test("the region stays, is another one, or none, as the request says", async () => {
  for (const [body, region] of [
    [{}, "eu"],
    [{ region: "europe-west4" }, "europe-west4"],
    [{ region: null }, null],
  ] as const) {
    const { from, to } = await asked(await departmentOn("docker", "eu", "agent:1"), {
      to: "railway",
      ...body,
    });
    expect([from.region, to.region]).toEqual(["eu", region]);
  }
});

test("another host than there are, or none, is refused by name", async () => {
  const department = await edge.addDepartment();
  for (const body of [{ to: "moon" }, {}, { to: "docker", release: "x" }]) {
    const { status, json } = await move(department, body);
    expect([status, json.code]).toEqual([422, "invalid_request"]);
  }
});
