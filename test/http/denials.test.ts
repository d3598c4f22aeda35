import { afterAll, beforeAll, expect, test } from "bun:test";
import { createDenials } from "../../src/http/middleware/count-denials.ts";
import { type Edge, testEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge.close());

const recorded = async (actor: string) => {
  const rows = await edge.sql<{ route: string; count: number }[]>`
    select meta::json->>'route' as route, (meta::json->>'count')::int as count from audit.event
    where action = 'http.request' and decision = 'denied' and actor = ${actor} order by at_us`;
  return rows.map(({ route, count }) => [route, count]);
};

test("a flood of the same refusal leaves the 1st, 10th and 100th on record, and all are refused", async () => {
  const { id, key } = await edge.addMember("auditor", ["audit:read"]);
  const statuses = new Set<number>();
  for (let index = 0; index < 120; index++)
    statuses.add((await edge.call("GET", "/api/v1/members", { key })).status);
  expect([...statuses]).toEqual([403]);
  const route = "GET /api/v1/members";
  expect(await recorded(id)).toEqual([1, 10, 100].map((count) => [route, count]));
});

test("another route and another client have their own first refusal on record", async () => {
  const [one, two] = [await edge.addMember("auditor", []), await edge.addMember("auditor", [])];
  for (const { key } of [one, two, one]) {
    await edge.call("GET", "/api/v1/members", { key });
    await edge.call("GET", "/api/v1/limits", { key });
  }
  const both = ["GET /api/v1/members", "GET /api/v1/limits"].map((route) => [route, 1]);
  expect(await recorded(one.id)).toEqual(both);
  expect(await recorded(two.id)).toEqual(both);
});

test("a minute later the first one is on record again", () => {
  let nowMs = 0;
  const denials = createDenials(() => nowMs);
  expect([denials.count("a"), denials.count("a")]).toEqual([1, undefined]);
  nowMs = 59_999;
  expect(denials.count("a")).toBeUndefined();
  nowMs = 60_000;
  expect(denials.count("a")).toBe(1);
});

test("more clients than are remembered are recorded once too often, not once too little", () => {
  const denials = createDenials(() => 0);
  for (let index = 0; index <= 10_000; index++) expect(denials.count(`client ${index}`)).toBe(1);
  expect(denials.count("client 0")).toBe(1);
  expect(denials.count("client 10000")).toBeUndefined();
});

test("a refusal that cannot be recorded is 503, and the next one is the first again", async () => {
  const { id, key } = await edge.addMember("auditor", []);
  const ask = async () => (await edge.call("GET", "/api/v1/members", { key })).status;
  await edge.sql`revoke execute on function audit.append(jsonb) from federation_app`;
  expect([await ask(), await ask()]).toEqual([503, 503]);
  await edge.sql`grant execute on function audit.append(jsonb) to federation_app`;
  expect([await ask(), await ask()]).toEqual([403, 403]);
  expect(await recorded(id)).toEqual([["GET /api/v1/members", 1]]);
});
