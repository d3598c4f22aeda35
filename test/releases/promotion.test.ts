import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { systemContext } from "../../src/deps.ts";
import { startRollout } from "../../src/rollouts/start.ts";
import type { TestDepartment } from "../http/edge.ts";
import { type RolloutsWorld, rolloutsWorld } from "../rollouts/world.ts";

/** Proves releases for staging. */
let source: RolloutsWorld;
/** Takes them in. */
let target: RolloutsWorld;
let departments: TestDepartment[];
let name: string;
let made = 0;
beforeAll(async () => {
  source = await rolloutsWorld();
  target = await rolloutsWorld({ FEDERATION_ENV: "staging" });
  departments = await source.addDepartments(2);
}, 60_000);
afterAll(async () => {
  await source.close();
  await target.close();
});
beforeEach(async () => void (await source.addRelease((name = `r${++made}`))));

const tests = "https://ci.example.org/builds/1";
const promote = (body: object = {}) =>
  source.call("POST", `/releases/${name}/promote`, { to: "staging", tests, ...body });
const jwks = async () => (await source.edge.call("GET", "/.well-known/jwks.json")).json;
const take = async (manifest: unknown, keys?: unknown) =>
  target.call("POST", "/releases/import", { manifest, jwks: keys ?? (await jwks()) });

/** Rolled out to all, who are well with it since so many hours. */
async function prove(hours: number) {
  await source.sql`delete from federation.department_health`;
  const engine = source.startEngine();
  try {
    const id = await source.start(name);
    expect((await source.carryOn(id, "succeeded", "stopped")).status).toBe("succeeded");
    const ago = `${hours + 1} hours`;
    await source.sql`update federation.rollout_department set finished_at = finished_at - ${ago}::interval
      where rollout_id = ${id}`;
  } finally {
    await engine.close();
  }
  for (const { id } of departments) await source.setHealth(id, "healthy", hours);
}
async function promoted() {
  await prove(25);
  const { status, json } = await promote();
  expect(status).toBe(200);
  return json;
}

test("a release that nobody ran is not promoted, and everything that is missing is named", async () => {
  const { status, json } = await promote({ tests: undefined });
  expect([status, json.code]).toEqual([409, "evidence_missing"]);
  expect(json.errors.map(({ path }: { path: string }) => path)).toEqual(["rollout", "departments", "tests"]);
});

test("a department that is well for too short a time, or is not well, holds the promotion up by name", async () => {
  await prove(23.5);
  await source.setHealth(departments[1]?.id ?? "", "unhealthy");
  const { json } = await promote();
  expect(json.code).toBe("evidence_missing");
  const errors = new Map(
    json.errors.map((error: { path: string; message: string }) => [error.path, error.message]),
  );
  expect(errors.get(departments[0]?.slug)).toBe("has been well with it for 23.5 h of 24 h");
  expect(errors.get(departments[1]?.slug)).toBe("is not well");
});

test("health of before the release speaks for nothing", async () => {
  await prove(25);
  await source.sql`update federation.rollout_department set finished_at = clock_timestamp() where status = 'done'`;
  expect((await promote()).json.code).toBe("evidence_missing");
});

test("what was proven is signed with its evidence, taken in elsewhere once, and can be rolled out there", async () => {
  const manifest = await promoted();
  expect(manifest.document).toMatchObject({ from: "development", to: "staging", evidence: { tests } });
  expect(manifest.document.evidence.departments).toHaveLength(2);
  const [first, second] = [await take(manifest), await take(manifest)];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.json).toEqual(first.json);
  expect(first.json).toMatchObject({ name, agent_image: `agent:${name}`, source_environment: "development" });
  expect((await target.call("GET", `/releases/${name}`)).json.manifest).toEqual(manifest);
  const imports =
    await target.sql`select from audit.event where action = 'release.import' and target = ${first.json.id}`;
  expect(imports).toHaveLength(1);
  expect(
    (await target.call("POST", `/releases/${name}/promote`, { to: "production", tests })).json.code,
  ).toBe("release_elsewhere");
});

test("a manifest that was changed, is unsigned, or signed by somebody else is refused and makes nothing", async () => {
  const manifest = await promoted();
  const { document } = manifest;
  const image = { ...document.release, agent_image: "agent:evil" };
  const certificate = manifest.signature.replace(/^[^.]+/, (header: string) => {
    const text = Buffer.from(header, "base64url")
      .toString()
      .replace("federation-release", "federation-certificate");
    return Buffer.from(text).toString("base64url");
  });
  const others = (await target.edge.call("GET", "/.well-known/jwks.json")).json;
  const attempts = [
    [{ ...manifest, document: { ...document, release: image } }],
    [{ ...manifest, document: { ...document, evidence: { ...document.evidence, tests: "none" } } }],
    [{ ...manifest, signature: "" }],
    [{ ...manifest, signature: certificate }],
    [manifest, others],
    [manifest, { keys: [{ ...others.keys[0], kid: manifest.kid }] }],
  ];
  for (const [changed, keys] of attempts) {
    const { status, json } = await take(changed, keys);
    expect([status, json.code]).toEqual([422, "manifest_refused"]);
  }
  expect((await target.call("GET", `/releases/${name}`)).status).toBe(404);
});

test("a manifest for another environment is refused, and a name that means something else here stays what it is", async () => {
  await prove(25);
  const elsewhere = (await promote({ to: "production" })).json;
  expect((await take(elsewhere)).json.code).toBe("manifest_refused");
  await target.addRelease(name, "agent:own");
  expect((await take((await promote()).json)).json.code).toBe("release_exists");
});

test("production gets what another environment proved, or a reason that is on record", async () => {
  const { deps, sql } = target.edge;
  await target.addRelease("hotfix");
  const ctx = { ...systemContext({ ...deps, close: () => Promise.resolve() }, "test") };
  const production = { ...ctx, config: { ...ctx.config, environment: "production" as const } };
  const input = {
    release: "hotfix",
    batch_size: 10,
    failures_max: 0,
    gate_seconds: 0,
    rollback: "failed" as const,
  };
  await expect(startRollout(production, input)).rejects.toMatchObject({ code: "release_not_promoted" });
  const reason = "the login is broken for everybody";
  const { id } = await startRollout(production, { ...input, unproven_reason: reason });
  const [event] = await sql`select reason from audit.event where action = 'rollout.start' and target = ${id}`;
  expect(event?.["reason"]).toBe(reason);
});
