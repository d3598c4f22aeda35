import { afterAll, beforeAll, expect, test } from "bun:test";
import { provisionPlan } from "../../src/provisioning/plans.ts";
import { type Edge, testEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge.close());

const request = (id: string) => ({
  department_id: id,
  department_name: "Human Resources",
  enabled_tools: ["email", "contacts"],
  admin_email: "HR@Example.org",
});
const provision = (body: object, headers = {}) =>
  edge.call("POST", "/api/v1/provision-department", { key: edge.adminKey, body, headers });

test("a department is accepted with the address of its progress, which then shows every step", async () => {
  const accepted = await provision(request("hr"));
  expect(accepted.status).toBe(202);
  expect(accepted.headers.get("location")).toBe(accepted.json.status_url);
  const status = await edge.call("GET", new URL(accepted.json.status_url).pathname, { key: edge.adminKey });
  expect(status.json).toMatchObject({
    department_id: "hr",
    status: "provisioning",
    run_status: "queued",
    percent: 0,
  });
  expect(status.json.steps).toHaveLength(provisionPlan.steps.length);
  expect(new Set(status.json.steps.map((step: { status: string }) => step.status))).toEqual(
    new Set(["pending"]),
  );
  const shown = await edge.call("GET", "/api/v1/departments/hr", { key: edge.adminKey });
  expect(shown.json).toMatchObject({
    department_id: "hr",
    admin_email: "hr@example.org",
    status: "provisioning",
  });
});

test("the same body for a living department answers the same run, another body is a conflict", async () => {
  const first = await provision(request("sales"));
  const again = await provision(request("sales"));
  expect(again.json.provisioning_id).toBe(first.json.provisioning_id);
  const other = await provision({ ...request("sales"), department_name: "Other" });
  expect([other.status, other.json.code]).toEqual([409, "department_exists"]);
});

test("a dry run shows the plan and makes nothing", async () => {
  const plan = await edge.call("POST", "/api/v1/provision-department?dry_run=true", {
    key: edge.adminKey,
    body: request("legal"),
  });
  expect(plan.status).toBe(200);
  expect(plan.json).toMatchObject({ department_id: "legal", possible: true });
  expect((await edge.call("GET", "/api/v1/departments/legal", { key: edge.adminKey })).status).toBe(404);
});

test("a run can be cancelled, and a cancelled department asks for no second deprovision", async () => {
  const { json } = await provision(request("ops"));
  const cancel = await edge.call("POST", `/api/v1/runs/${json.provisioning_id}/cancel`, {
    key: edge.adminKey,
  });
  expect([cancel.status, cancel.json.cancel_requested]).toEqual([202, true]);
  const retry = await edge.call("POST", `/api/v1/runs/${json.provisioning_id}/retry`, {
    key: edge.adminKey,
    body: {},
  });
  expect([retry.status, retry.json.code]).toEqual([409, "not_retryable"]);
  const gone = await edge.call("DELETE", "/api/v1/deprovision/ops", { key: edge.adminKey });
  expect([gone.status, gone.json.provisioning_id]).toEqual([202, json.provisioning_id]);
});

test("the event stream begins with a snapshot under the run's change number", async () => {
  const { json } = await provision(request("events"));
  const stop = new AbortController();
  const response = await edge.app.request(new URL(json.events_url).pathname, {
    headers: { authorization: `Bearer ${edge.adminKey}`, "last-event-id": "0" },
    signal: stop.signal,
  });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const reader = response.body?.getReader();
  const chunk = new TextDecoder().decode((await reader?.read())?.value);
  expect(chunk).toMatch(/^event: status\ndata: \{.*"department_id":"events".*\}\nid: \d+\n\n$/);
  await reader?.cancel();
});

test("the event stream of a run that is not there is a plain 404", async () => {
  const reply = await edge.call("GET", `/api/v1/provision-status/${Bun.randomUUIDv7()}/events`, {
    key: edge.adminKey,
  });
  expect([reply.status, reply.headers.get("content-type")]).toEqual([404, "application/problem+json"]);
});

test("departments come in pages that neither repeat nor leave out one", async () => {
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await edge.call("GET", `/api/v1/departments?limit=2${cursor && `&cursor=${cursor}`}`, {
      key: edge.adminKey,
    });
    seen.push(...page.json.items.map((item: { department_id: string }) => item.department_id));
    cursor = page.json.next_cursor;
  }
  expect(seen).toEqual([...new Set(seen)]);
  expect(seen).toEqual(expect.arrayContaining(["hr", "sales", "ops", "events"]));
});
