import { afterAll, beforeAll, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import { workRotations } from "../../src/keys/work-rotations.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let department: TestDepartment;
let operator: string;
beforeAll(async () => {
  edge = await testEdge();
  department = await edge.addDepartment();
  await withTx(edge.deps.db.app, (tx) => edge.deps.vault.ensureDepartmentKey(tx, department.id));
  const sealed = await edge.deps.vault.seal(
    {
      departmentId: department.id,
      table: "department_secret",
      column: "sealed",
      rowId: `${department.id}:agent_key`,
    },
    "secret value",
  );
  await edge.deps.db
    .app`insert into federation.department_secret (department_id, name, sealed, created_by_step)
    values (${department.id}, 'agent_key', ${sealed}, 'test')`;
  operator = (await edge.addMember("operator", ["keys:read", "keys:write"])).key;
});
afterAll(() => edge.close());

const get = (path: string) => edge.call("GET", `/api/v1${path}`, { key: operator });
const post = (path: string, body: object = {}, headers = {}) =>
  edge.call("POST", `/api/v1${path}`, { key: operator, body, headers });
const work = () => {
  const { provisioner } = edge.deps.db;
  if (!provisioner) throw new Error("no provisioner");
  const means = { db: { ...edge.deps.db, provisioner }, vault: edge.deps.vault };
  return workRotations(means, new AbortController().signal);
};
const keyOf = async (status: string) =>
  (await get(`/keys?department_id=${department.slug}`)).json.items.find(
    (key: { status: string }) => key.status === status,
  );

test("the inventory names every key with its uses, and holds none", async () => {
  await edge.call("GET", "/.well-known/jwks.json");
  const { json, text } = await get("/keys");
  const purposes = json.items.map((key: { purpose: string; department_id: string | null }) => [
    key.purpose,
    key.department_id,
  ]);
  expect(purposes.toSorted()).toEqual(
    [
      ["data", null],
      ["data", department.id],
      ["gateway-seal", null],
    ].toSorted(),
  );
  expect(await keyOf("active")).toMatchObject({ department_id: department.id, uses: 1 });
  expect(json.keks).toMatchObject([{ current: true, uses: 3, retired_at: null }]);
  expect(json.signing_keys).toMatchObject([{ status: "active", private_half: "kept" }]);
  expect(json.oldest_active_days).toBe(0);
  const stored = await edge.sql<{ wrapped: string }[]>`select wrapped from federation.data_key`;
  for (const { wrapped } of stored) expect(text).not.toContain(wrapped);
});

test("a rotation is accepted, shows its progress, and its old key is retired only when nothing needs it", async () => {
  const headers = { "idempotency-key": "rotate-1" };
  const started = await post("/keys/rotate", { department_id: department.slug }, headers);
  expect([started.status, started.json]).toMatchObject([
    202,
    { kind: "data", status: "running", total: 1, done: 0 },
  ]);
  const repeated = await post("/keys/rotate", { department_id: department.slug }, headers);
  expect([repeated.status, repeated.json.id]).toEqual([202, started.json.id]);
  expect((await post("/keys/rotate", { department_id: department.slug })).json.code).toBe("rotation_running");
  expect((await keyOf("retiring")).id).toBe(started.json.from_id);
  const early = await post(`/keys/${started.json.from_id}/retire`);
  expect([early.status, early.json.code, early.json.detail]).toEqual([
    409,
    "key_in_use",
    "The key still seals 1 values.",
  ]);
  await work();
  const ended = await get(`/key-rotations/${started.json.id}`);
  expect(ended.json).toMatchObject({ status: "succeeded", done: 1, next_at: null });
  expect((await post(`/keys/${started.json.from_id}/retire`)).status).toBe(204);
  expect((await keyOf("destroyed")).id).toBe(started.json.from_id);
  expect((await post(`/keys/${started.json.to_id}/retire`)).json.code).toBe("key_active");
});

test("one key at a time is rotated, and one that exists", async () => {
  expect((await post("/keys/rotate", {})).status).toBe(422);
  expect((await post("/keys/rotate", { platform: true, signing: true })).status).toBe(422);
  expect((await post("/keys/rotate", { department_id: "nobody" })).status).toBe(404);
  expect((await get(`/key-rotations/${Bun.randomUUIDv7()}`)).status).toBe(404);
  expect((await post("/keys/nonsense/retire")).status).toBe(404);
});

test("the KEK's rotation is accepted and over at once when every key is under it", async () => {
  const started = await post("/keys/rotate-kek");
  expect([started.status, started.json]).toMatchObject([202, { kind: "kek", total: 0 }]);
  await work();
  expect((await get(`/key-rotations/${started.json.id}`)).json.status).toBe("succeeded");
});

test("nobody of a department sees or turns keys", async () => {
  const admin = await edge.addMember("department_admin", ["keys:read", "keys:write"], department.id);
  for (const [method, path] of [
    ["GET", "/keys"],
    ["POST", "/keys/rotate"],
    ["POST", "/keys/rotate-kek"],
  ] as const) {
    const body = method === "GET" ? undefined : {};
    expect((await edge.call(method, `/api/v1${path}`, { key: admin.key, body })).status).toBe(403);
  }
});
