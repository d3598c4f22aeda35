import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProblems } from "../deploy/find-problems.ts";
import { type Edge, testEdge } from "../http/edge.ts";
import { runFed } from "../helpers/run-fed.ts";

const route = "/api/v1/terraform";
let edge: Edge;
let server: Bun.Server<undefined>;
let directory: string;
beforeAll(async () => {
  edge = await testEdge();
  server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => edge.app.fetch(request) });
  directory = await mkdtemp(join(tmpdir(), "federation-terraform-"));
  await addDepartment("zoo", "railway", "active");
  const hr = await addDepartment("hr", "railway", "active", 'Human "Resources" ${x}\n');
  await addDepartment("sales", "docker", "active");
  const moving = await addDepartment("moving", "railway", "provisioning");
  const gone = await addDepartment("gone", "railway", "deprovisioned");
  for (const id of [hr, moving, gone]) {
    await addResource(id, "railway_project", `project-of-${id}`);
    await addResource(id, "railway_service", `service-of-${id}`);
  }
  await addResource(hr, "railway_project", "older", "created_at = now() - interval '1 day'");
  await addResource(hr, "railway_service", "taken-away", "deleted_at = now()");
  await addResource(hr, "railway_service", "left-behind", "orphaned_at = now()");
  await addResource(hr, "railway_project", "elsewhere", "provider = 'n8n'");
});
afterAll(async () => {
  await server.stop(true);
  await edge.close();
  await rm(directory, { recursive: true, force: true });
});

async function addDepartment(slug: string, host: string, status: string, name = slug): Promise<string> {
  const id = Bun.randomUUIDv7();
  const suffix = slug.padEnd(12, "x");
  await edge.sql`
    insert into federation.department (id, slug, name, status, suffix, host, release, admin_email, deprovisioned_at)
    values (${id}, ${slug}, ${name}, ${status}, ${suffix}, ${host}, '1', 'a@example.org',
      ${status === "deprovisioned" ? edge.sql`now()` : null})`;
  return id;
}

async function addResource(department: string, kind: string, externalId: string, change?: string) {
  const id = Bun.randomUUIDv7();
  await edge.sql`
    insert into federation.resource (id, department_id, provider, kind, external_id, name, created_by_step)
    values (${id}, ${department}, 'railway', ${kind}, ${externalId}, 'x', 'host-project')`;
  if (change) await edge.sql.unsafe(`update federation.resource set ${change} where id = '${id}'`);
}

test("the living departments on Railway are exported by slug, with the newest living id of each thing", async () => {
  const { status, json } = await edge.call("GET", route, { key: edge.adminKey });
  expect([status, json.departments]).toEqual([200, ["hr"]]);
  expect(json.left_out).toEqual([
    { department_id: "moving", reason: "provisioning" },
    { department_id: "sales", reason: "host docker" },
    { department_id: "zoo", reason: "no project" },
  ]);
  const ids = [...json.hcl.matchAll(/^ {2}id = "(.*)"$/gm)].map(([, id]) => id);
  const [hr] = await edge.sql`select id from federation.department where slug = 'hr'`;
  expect(ids).toEqual([`project-of-${hr?.["id"]}`, `service-of-${hr?.["id"]}`]);
  expect(json.hcl).toContain(String.raw`name       = "Human \"Resources\" $${"$"}{x}\u000a"`);
  expect(await findProblems(json.hcl)).toEqual([]);
});

test("asked again it is the same, letter by letter", async () => {
  const answers = [1, 2].map(async () => (await edge.call("GET", route, { key: edge.adminKey })).text);
  expect(new Set(await Promise.all(answers)).size).toBe(1);
});

test("people of the platform may ask, and a department's own people may not", async () => {
  const department = await edge.addDepartment();
  const [operator, own] = await Promise.all([
    edge.addMember("operator", ["departments:read"]),
    edge.addMember("department_admin", ["departments:read"], department.id),
  ]);
  const asked = await Promise.all(
    [operator.key, own.key, department.key].map((key) => edge.call("GET", route, { key })),
  );
  expect(asked.map(({ status }) => status)).toEqual([200, 403, 403]);
});

const fed = (...args: string[]) =>
  runFed({ url: server.url.origin, key: edge.adminKey }, ["terraform", ...args]);

test("fed terraform export prints the HCL, or writes it beside the provider's version and leaves a file of one's own", async () => {
  const { hcl } = (await edge.call("GET", route, { key: edge.adminKey })).json;
  const printed = await fed("export");
  expect([printed.code, printed.out, printed.err]).toEqual([0, hcl, ""]);
  const out = join(directory, "new/departments");
  const written = await fed("export", "--out", out);
  expect([written.code, written.err]).toEqual([0, ""]);
  expect(written.out).toContain("departments.tf: 1 exported\n");
  expect(written.out).toContain("not there: sales (host docker)\n");
  expect(await readFile(join(out, "departments.tf"), "utf8")).toBe(hcl);
  expect(await readFile(join(out, "versions.tf"), "utf8")).toContain("terraform-community-providers/railway");
  await writeFile(join(out, "versions.tf"), "# mine\n");
  const again = await fed("export", "--out", out, "--json");
  expect([again.code, JSON.parse(again.out).departments]).toEqual([0, ["hr"]]);
  expect(await readFile(join(out, "versions.tf"), "utf8")).toBe("# mine\n");
});

test("fed terraform knows no other action", async () => {
  const answers = await Promise.all([fed(), fed("apply"), fed("export", "more")]);
  expect(answers.map(({ code }) => code)).toEqual([2, 2, 2]);
});
