import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Edge, testEdge } from "../http/edge.ts";
import { runFed } from "../helpers/run-fed.ts";

const secret = "GOCSPX-a-secret-of-the-test";
let edge: Edge;
let server: Bun.Server<undefined>;
let directory: string;
beforeAll(async () => {
  edge = await testEdge();
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => edge.app.fetch(request) });
  directory = await mkdtemp(join(tmpdir(), "federation-cli-"));
});
afterAll(async () => {
  await server.stop(true);
  await edge.close();
  await rm(directory, { recursive: true, force: true });
});

const fed = (args: string[], input = "") =>
  runFed({ url: server.url.origin, key: edge.adminKey }, ["oauth-clients", ...args], input);

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, text);
  return path;
}

test("fed oauth-clients takes Google's file or a secret on stdin, lists, retires, and never prints a secret", async () => {
  const web = {
    client_id: "100000000001-a.apps.googleusercontent.com",
    client_secret: secret,
    project_id: "p",
    redirect_uris: ["http://federation.test/oauth/callback"],
  };
  const added = await fed(["add", "--file", await fileOf("client_secret.json", JSON.stringify({ web }))]);
  expect([added.code, added.err]).toEqual([0, ""]);
  const typed = ["add", "--client-id", "100000000002-b.apps.googleusercontent.com"];
  expect((await fed(typed, `${secret}\n`)).code).toBe(0);
  const listed = await fed(["list", "--json"]);
  const { items } = JSON.parse(listed.out);
  expect(items.map((item: { status: string; project: string }) => [item.status, item.project])).toEqual([
    ["free", "100000000001"],
    ["free", "100000000002"],
  ]);
  const retired = await fed(["retire", items[0].id]);
  expect(JSON.parse(retired.out).status).toBe("retired");
  expect([added, listed, retired].filter(({ out, err }) => (out + err).includes("GOCSPX"))).toEqual([]);
});

test("a file of another kind is refused in words that hold nothing of it", async () => {
  const installed = JSON.stringify({ installed: { client_id: "x", client_secret: secret } });
  for (const text of [`${secret} {`, installed, `"${secret}"`]) {
    const refused = await fed(["add", "--file", await fileOf("other.json", text)]);
    expect([refused.code === 0, (refused.out + refused.err).includes("GOCSPX")]).toEqual([false, false]);
  }
  expect((await fed(["retire", Bun.randomUUIDv7(), "--force"])).code).not.toBe(0);
});
