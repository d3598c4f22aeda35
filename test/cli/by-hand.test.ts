import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../helpers/installation.ts";
import { type Edge, testEdge } from "../http/edge.ts";
import { runFed } from "../helpers/run-fed.ts";

let edge: Edge;
let server: Bun.Server<undefined>;
let directory: string;
/** Happens once, between a command's first call and what it then makes of the answer. */
let onceLooked: (() => Promise<void>) | undefined;
beforeAll(async () => {
  edge = await testEdge();
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  directory = await mkdtemp(join(tmpdir(), "federation-cli-"));
});
afterAll(async () => {
  await server.stop(true);
  await edge.close();
  await rm(directory, { recursive: true, force: true });
});

async function answer(request: Request): Promise<Response> {
  const answered = await edge.app.fetch(request);
  const happens = onceLooked;
  onceLooked = undefined;
  await happens?.();
  return answered;
}

const fed = (args: string[], { key = edge.adminKey, stdin = "" } = {}) =>
  runFed({ url: server.url.origin, key }, args, stdin);

test("fed config puts what it showed, refuses what is based on an older version, and rolls back", async () => {
  const { slug } = await edge.addDepartment();
  const file = join(directory, "definition.json");
  const shown = JSON.parse((await fed(["config", "show", slug])).out);
  await Bun.write(file, JSON.stringify({ ...shown, config: { ...shown.config, department_name: "Other" } }));
  const put = await fed(["config", "put", slug, "-f", file]);
  expect([put.code, put.err, JSON.parse(put.out)]).toMatchObject([
    0,
    '~ department_name: "Test" -> "Other"\n',
    { version: 2, changes: [{ path: "department_name", from: "Test", to: "Other" }] },
  ]);
  expect((await fed(["config", "put", slug, "-f", file, "--expected", "1"])).code).toBe(5);
  const again = await fed(["config", "put", slug, "-f", file]);
  expect([again.code, again.err]).toEqual([5, expect.stringContaining("version")]);
  const back = await fed(["config", "rollback", slug, "--to", "1"]);
  expect([back.code, JSON.parse(back.out).version]).toEqual([0, 3]);
  expect((await fed(["config", "put", slug])).code).toBe(2);
});

test("fed config put changes nothing when somebody else has changed the definition since it looked", async () => {
  const { slug } = await edge.addDepartment();
  const path = `/api/v1/departments/${slug}/config`;
  const { config } = JSON.parse((await fed(["config", "show", slug])).out);
  const file = join(directory, "without-version.json");
  await Bun.write(file, JSON.stringify({ ...config, department_name: "Mine" }));
  onceLooked = async () => {
    const theirs = { expected_version: 1, config: { ...config, department_name: "Theirs" } };
    const answer = await edge.call("PUT", path, { key: edge.adminKey, body: theirs });
    expect(answer.status).toBe(200);
  };
  expect((await fed(["config", "put", slug, "-f", file])).code).toBe(5);
  const shown = JSON.parse((await fed(["config", "show", slug])).out);
  expect([shown.version, shown.config.department_name]).toEqual([2, "Theirs"]);
  expect((await fed(["config", "put", slug, "-f", file])).code).toBe(0);
});

test("fed webhook-sources adds, lists, rotates and removes; fed webhooks changes only what it is told", async () => {
  const { slug } = await edge.addDepartment();
  const added = await fed(["webhook-sources", "add", "n8n", "--events", "sync", "--department", slug]);
  const { id, secret } = JSON.parse(added.out);
  expect([added.code, secret.startsWith("whsec_")]).toEqual([0, true]);
  expect((await fed(["webhook-sources", "list"])).out).not.toContain("whsec_");
  expect(JSON.parse((await fed(["webhook-sources", "rotate", id])).out).secret).not.toBe(secret);
  expect((await fed(["webhook-sources", "remove", id])).code).toBe(0);
  const wish = ["--types", "department.failed", "--description", "intranet", "--json"];
  const endpoint = JSON.parse((await fed(["webhooks", "add", "https://hooks.example.org/in", ...wish])).out);
  const changed = await fed(["webhooks", "change", endpoint.id, "--off", "--json"]);
  expect(JSON.parse(changed.out)).toMatchObject({
    url: "https://hooks.example.org/in",
    types: ["department.failed"],
    description: "intranet",
    status: "off",
  });
});

test("fed ask answers with a key of the department, and says how it was decided", async () => {
  const { slug, key } = await edge.addDepartment();
  const question = ["ask", slug, "search_documents", "--params", '{"query":"policy"}', "--reason", "look"];
  const asked = await fed(question, { key });
  expect([asked.code, asked.err]).toEqual([0, ""]);
  const { query_id: id } = JSON.parse(asked.out);
  const explained = JSON.parse((await fed(["ask", "--explain", id])).out);
  expect(explained.events).toMatchObject([{ decision: "allowed", why: "own_department" }]);
  expect((await fed(question)).code).toBe(3);
  expect((await fed(["ask", slug, "search_documents", "--params", "policy", "--reason", "x"])).code).toBe(2);
});

test("fed token --revoke ends the token that it is given on stdin", async () => {
  const { key } = await edge.addDepartment();
  const [, , id = "", secret = ""] = key.split("_");
  const issued = await fed(["token", "--client-id", id], { stdin: secret });
  const token = issued.out.trim();
  const check = async () => (await edge.call("GET", "/api/v1/self-check", { key: token })).status;
  expect([issued.code, await check()]).toEqual([0, 200]);
  const revoked = await fed(["token", "--revoke"], { key, stdin: token });
  expect([revoked.code, revoked.err]).toEqual([0, ""]);
  await until("the token opens nothing", async () => (await check()) === 401);
});
