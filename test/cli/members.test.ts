import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Edge, testEdge } from "../http/edge.ts";
import { runFed } from "../helpers/run-fed.ts";

let edge: Edge;
let server: Bun.Server<undefined>;
beforeAll(async () => {
  edge = await testEdge();
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => edge.app.fetch(request) });
});
afterAll(async () => {
  await server.stop(true);
  await edge.close();
});

const fed = (...args: string[]) => runFed({ url: server.url.origin, key: edge.adminKey }, args);

test("fed members adds a person, lists them, and ends their access", async () => {
  const added = await fed("members", "add", "--email", "second@example.org", "--role", "operator");
  expect([added.code, added.err]).toEqual([0, ""]);
  const { id } = JSON.parse(added.out);
  expect((await fed("members", "list")).out).toContain("second@example.org");
  expect((await fed("members", "disable", id)).code).toBe(0);
  const { items } = JSON.parse((await fed("members", "list", "--json")).out);
  expect(items.find((one: { id: string }) => one.id === id).disabled_at).toBeString();
  expect([(await fed("members", "add")).code, (await fed("members", "disable")).code]).toEqual([2, 2]);
});

test("fed api-keys shows a key's text once, and a revoked key opens nothing", async () => {
  const minted = await fed("api-keys", "mint", "--name", "reporting", "--scopes", "departments:read");
  expect([minted.code, minted.err]).toEqual([0, ""]);
  const { id, key } = JSON.parse(minted.out);
  const ask = () => edge.call("GET", "/api/v1/departments", { key });
  expect((await ask()).status).toBe(200);
  const listed = await fed("api-keys", "list");
  expect([listed.out.includes("reporting"), listed.out.includes(key)]).toEqual([true, false]);
  expect((await fed("api-keys", "revoke", id)).code).toBe(0);
  // Web may remember a key for a second.
  while ((await ask()).status === 200) await Bun.sleep(50);
  expect((await ask()).status).toBe(401);
  expect((await fed("api-keys", "mint", "--name", "x")).code).toBe(2);
});
