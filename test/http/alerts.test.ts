import { afterAll, beforeAll, expect, test } from "bun:test";
import { raiseAlert } from "../../src/alerts/raise.ts";
import { resolveAlert } from "../../src/alerts/resolve.ts";
import { withTx } from "../../src/db/tx.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let department: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  department = await edge.addDepartment();
});
afterAll(() => edge.close());

const read = (path: string, key = edge.adminKey) => edge.call("GET", `/api/v1/alerts${path}`, { key });
const names = (json: { items: { name: string }[] }) => json.items.map(({ name }) => name);

test("what is wrong is told apart from what was, to people of the platform only", async () => {
  await withTx(edge.sql, async (tx) => {
    for (const name of ["queue_old", "run_stuck"])
      await raiseAlert(tx, { name, subject: "", severity: "warning", summary: "It waits." });
    await resolveAlert(tx, "run_stuck", "");
  });
  expect(names((await read("?status=firing")).json)).toEqual(["queue_old"]);
  expect(names((await read("?status=resolved")).json)).toEqual(["run_stuck"]);
  expect(names((await read("")).json)).toEqual(["queue_old", "run_stuck"]);
  expect((await read("?status=other")).status).toBe(422);
  expect((await read("", department.key)).status).toBe(403);
});
