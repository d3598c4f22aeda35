import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runFed } from "../helpers/run-fed.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

/** A definition goes from one installation to another, as two people at the command line see it. */
interface Place {
  edge: Edge;
  server: Bun.Server<undefined>;
  department: TestDepartment;
}
let from: Place;
let to: Place;
let second: string;
let directory: string;
beforeAll(async () => {
  from = await place({ FEDERATION_ENV: "staging" });
  to = await place({ FOUR_EYES: "config-change" });
  const { edge } = to;
  const { json } = await edge.call("POST", "/api/v1/members", {
    key: edge.adminKey,
    body: { email: "second@example.org", role: "operator" },
  });
  const body = { name: "k", member_id: json.id, scopes: ["approvals:write"], expires_in_days: 1 };
  second = (await edge.call("POST", "/api/v1/api-keys", { key: edge.adminKey, body })).json.key;
  directory = await mkdtemp(join(tmpdir(), "federation-config-"));
});
afterAll(async () => {
  for (const { server, edge } of [from, to]) {
    await server.stop(true);
    await edge.close();
  }
  await rm(directory, { recursive: true, force: true });
});

async function place(environment: Record<string, string>): Promise<Place> {
  const edge = await testEdge({ environment });
  const department = await edge.addDepartment();
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => edge.app.fetch(request) });
  return { edge, server, department };
}

const fed = ({ edge, server }: Place, args: string[], key = edge.adminKey) =>
  runFed({ url: server.url.origin, key }, args);

/** What `fed config show` says in the first place, where the department runs elsewhere and had more versions. */
async function shownFile(voice: string): Promise<string> {
  const { edge, department } = from;
  await edge.sql`update federation.department_config set document = document || '{"host":"docker"}'
    where department_id = ${department.id}`;
  await edge.sql`update federation.department set host = 'docker' where id = ${department.id}`;
  const { version, config } = JSON.parse((await fed(from, ["config", "show", department.slug])).out);
  const body = { expected_version: version, config: { ...config, custom_config: { voice } } };
  const path = `/api/v1/departments/${department.slug}/config`;
  expect((await edge.call("PUT", path, { key: edge.adminKey, body })).status).toBe(200);
  const file = join(directory, `${voice}.json`);
  await Bun.write(file, (await fed(from, ["config", "show", department.slug, "--json"])).out);
  return file;
}

const present = async () => JSON.parse((await fed(to, ["config", "show", to.department.slug])).out);
const approvals = () => to.edge.sql`select from federation.approval`;

test("a definition of another installation is shown as a diff, waits for a second person, and then goes through", async () => {
  const put = ["config", "put", to.department.slug, await shownFile("alto")];
  const diff = '+ custom_config.voice: "alto"\n';
  const dry = await fed(to, [...put, "--dry-run"]);
  expect([dry.code, dry.err, JSON.parse(dry.out).version]).toEqual([0, diff, 1]);
  expect(await approvals()).toHaveLength(0);

  const asked = await fed(to, put);
  const [, id = ""] = /waits for approval ([0-9a-f-]{36})/.exec(asked.err) ?? [];
  expect([asked.code, asked.out, asked.err.startsWith(diff)]).toEqual([9, "", true]);
  const listed = await fed(to, ["approvals", "list"], second);
  expect(listed.out).toContain(`${id}, from version 1:\n${diff}`);
  expect((await fed(to, ["approvals", "approve", id])).err).toContain("self_approval");
  expect((await fed(to, put)).code).toBe(9);
  expect((await fed(to, ["approvals", "approve", id], second)).code).toBe(0);

  const stored = await fed(to, put);
  expect([stored.code, JSON.parse(stored.out).version]).toEqual([0, 2]);
  expect(await present()).toMatchObject({
    version: 2,
    environment: "development",
    config: { host: "local", custom_config: { voice: "alto" } },
  });
});

test("a definition that is the same already is not stored again, and nobody is asked", async () => {
  const file = join(directory, "same.json");
  await Bun.write(file, JSON.stringify(await present()));
  const before = [(await present()).version, (await approvals()).length];
  const put = await fed(to, ["config", "put", to.department.slug, file]);
  expect([put.code, put.err, JSON.parse(put.out).changes]).toEqual([0, "nothing differs\n", []]);
  expect([(await present()).version, (await approvals()).length]).toEqual(before);
});

test("for a script the id of the approval stands in what --json prints", async () => {
  const put = await fed(to, ["config", "put", to.department.slug, await shownFile("tenor"), "--json"]);
  expect(put.code).toBe(9);
  const { code, errors } = JSON.parse(put.err);
  const listed = JSON.parse((await fed(to, ["approvals", "list", "--json"], second)).out);
  expect([code, listed.find((item: { id: string }) => item.id === errors[0].message)]).toMatchObject([
    "approval_required",
    { change: { from_version: (await present()).version } },
  ]);
});

test("a file of the same installation counts by its version, one of another with --expected", async () => {
  const { version, config } = await present();
  const old = join(directory, "old.json");
  const changed = { ...config, department_name: "Old" };
  await Bun.write(old, JSON.stringify({ version: version - 1, environment: "development", config: changed }));
  const { slug } = to.department;
  expect((await fed(to, ["config", "put", slug, old])).err).toContain("version_conflict");
  const foreign = await shownFile("bass");
  const stale = await fed(to, ["config", "put", slug, foreign, "--expected", String(version - 1)]);
  expect([stale.code, stale.err]).toEqual([5, expect.stringContaining("version_conflict")]);
  expect((await fed(to, ["config", "put", slug, foreign, "-f", foreign])).code).toBe(2);
});
