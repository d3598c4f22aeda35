import { afterAll, beforeAll, expect, test } from "bun:test";
import { claimRuns } from "../../src/provisioning/claim.ts";
import { type Edge, testEdge } from "../http/edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge.close());

test("a worker that has room for one run takes the lockdown, though others wait longer", async () => {
  const department = await edge.addDepartment();
  for (const kind of ["deprovision", "lockdown"]) {
    await edge.sql`
      insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id)
      values (${Bun.randomUUIDv7()}, ${department.id}, ${kind}, 'queued', '', '', '')`;
  }
  const claim = () => claimRuns(edge.deps.db.engine, "worker:1:x", ["deprovision", "lockdown"], 1);
  const order = [await claim(), await claim()].flat().map(({ run }) => run.kind);
  expect(order).toEqual(["lockdown", "deprovision"]);
});
