import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let department: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  department = await edge.addDepartment();
});
afterAll(() => edge.close());

const path = (tail: string) => `/api/v1/departments/${department.slug}/${tail}`;
const key = () => department.key;

test("values that only Postgres refuses are the caller's error, not ours", async () => {
  const items = [
    { external_id: "1", title: "T", starts_at: "0000-01-01T00:00:00Z", ends_at: "0000-01-01T00:00:00Z" },
  ];
  const dates = await edge.call("PUT", path("events"), { key: key(), body: { items } });
  expect([400, 422]).toContain(dates.status);
  const nul = await edge.call("GET", path("memory?query=%00"), { key: key() });
  expect([400, 422]).toContain(nul.status);
  for (const query of ["-".repeat(499), "- ".repeat(249)]) {
    const body = {
      target_department_id: department.slug,
      query_type: "search_documents",
      query_params: { query },
      reason: "test",
    };
    const answer = await edge.call("POST", "/api/v1/cross-dept/query", { key: key(), body });
    expect([200, 400, 422]).toContain(answer.status);
  }
});

test("the same items upserted at once in opposite orders all get an answer, and none a 500", async () => {
  const items = Array.from({ length: 60 }, (_, index) => ({ external_id: `x${index}`, name: `n${index}` }));
  const calls = Array.from({ length: 12 }, (_, index) => {
    const body = { items: index % 2 === 0 ? items : items.toReversed() };
    return edge.call("PUT", path("contacts"), { key: key(), body });
  });
  const answers = await Promise.all(calls);
  expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
});

test("an id is no slug", async () => {
  const body = {
    department_id: "abcdef00-0000-4000-8000-000000000000",
    department_name: "X",
    enabled_tools: ["database"],
    admin_email: "a@example.org",
  };
  const answer = await edge.call("POST", "/api/v1/provision-department", { key: edge.adminKey, body });
  expect(answer.status).toBe(422);
});

test("the login of a department is fixed once it is provisioned", async () => {
  const answer = await edge.call("GET", path("config"), { key: edge.adminKey });
  expect(answer.status).toBe(200);
  const config = { ...answer.json.config, custom_config: { database: { direct_access: true } } };
  const body = { expected_version: answer.json.version, config };
  const changed = await edge.call("PUT", path("config"), { key: edge.adminKey, body });
  expect([changed.status, changed.json.code]).toEqual([409, "direct_access_is_fixed"]);
});
