import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type Edge, testEdge } from "../http/edge.ts";

const main = join(import.meta.dir, "../../src/cli/main.ts");
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

async function fed(...args: string[]) {
  const child = Bun.spawn([process.execPath, main, "limits", ...args], {
    env: { ...process.env, FEDERATION_URL: server.url.href, FEDERATION_API_KEY: edge.adminKey },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err };
}

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
