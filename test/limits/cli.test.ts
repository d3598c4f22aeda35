import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Edge, testEdge } from "../http/edge.ts";
import { runFed } from "../helpers/run-fed.ts";

let edge: Edge;
let server: ReturnType<typeof Bun.serve>;
beforeAll(async () => {
  edge = await testEdge();
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, serving) => edge.app.fetch(request, { server: serving }),
  });
});
afterAll(async () => {
  await server.stop(true);
  await edge.close();
});

const fed = (...args: string[]) =>
  runFed({ url: server.url.origin, key: edge.adminKey }, ["limits", ...args]);

test("fed limits: list shows them, set changes one, a limit that is none is refused", async () => {
  expect((await fed("list")).out).toMatch(/^pair +100 in 60 s$/m);
  expect((await fed("set", "pair", "--hits", "20", "--seconds", "30")).code).toBe(0);
  const { items } = JSON.parse((await fed("list", "--json")).out);
  expect(items).toContainEqual({ kind: "pair", hits: 20, window_seconds: 30 });
  for (const wrong of [
    ["set", "pair"],
    ["set", "pair", "--hits", "0", "--seconds", "30"],
    ["set", "everything", "--hits", "1", "--seconds", "1"],
    ["forget"],
  ]) {
    const { code, err } = await fed(...wrong);
    expect([wrong, code === 0, err === ""]).toEqual([wrong, false, false]);
  }
});
