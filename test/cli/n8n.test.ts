import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Edge, testEdge } from "../http/edge.ts";
import { runFed } from "../helpers/run-fed.ts";

const secret = "n8n-api-key-of-the-test";
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

const fed = (...args: string[]) => runFed({ url: server.url.origin, key: edge.adminKey }, ["n8n", ...args]);

test("fed n8n takes the key from a file, lists, retires, and never prints a key", async () => {
  const file = join(directory, "n8n.key");
  await writeFile(file, `${secret}\n`);
  const place = ["--base-url", "http://n8n.example.org:5678", "--webhook-url", "https://hooks.example.org"];
  const added = await fed("add", ...place, "--api-key-file", file);
  expect([added.code, added.err]).toEqual([0, ""]);
  const listed = await fed("list", "--json");
  const [item] = JSON.parse(listed.out).items;
  expect(item).toMatchObject({ status: "free", base_url: "http://n8n.example.org:5678" });
  const retired = await fed("retire", item.id);
  expect(JSON.parse(retired.out)).toMatchObject({
    status: "retired",
    webhook_url: "https://hooks.example.org",
  });
  expect([added, listed, retired].filter(({ out, err }) => (out + err).includes(secret))).toEqual([]);
  expect([(await fed("add", ...place)).code, (await fed("retire")).code]).toEqual([2, 2]);
});
