import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Edge, testEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge.close());

const reads = [
  { path: "/api/v1/api-keys", action: "key.list" },
  { path: "/api/v1/keys", action: "key.inventory" },
];

test.each(reads)("who looks at $path is on record before the answer leaves", async ({ path, action }) => {
  const { id, key } = await edge.addMember("admin", ["keys:read"]);
  expect((await edge.call("GET", path, { key })).status).toBe(200);
  const [event] = await edge.sql`
    select action, decision from audit.event where actor = ${id} order by at_us desc limit 1`;
  expect(event).toEqual({ action, decision: "allowed" });
});

test.each(reads)("without a record there is no answer from $path", async ({ path }) => {
  await edge.sql`revoke execute on function audit.append(jsonb) from federation_app`;
  const { status, json } = await edge.call("GET", path, { key: edge.adminKey });
  await edge.sql`grant execute on function audit.append(jsonb) to federation_app`;
  expect([status, json.code]).toEqual([503, "audit_unavailable"]);
});
