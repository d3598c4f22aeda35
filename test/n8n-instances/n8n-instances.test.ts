import { afterAll, beforeAll, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import { instanceOf } from "../../src/n8n-instances/instance-of.ts";
import { leaseInstance } from "../../src/n8n-instances/lease.ts";
import { returnInstance } from "../../src/n8n-instances/return-instance.ts";
import { type Edge, testEdge } from "../http/edge.ts";

const secret = "n8n-api-key-of-the-test";
let edge: Edge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge.close());

const post = (tail: string, body?: object, headers = {}) =>
  edge.call("POST", `/api/v1/n8n-instances${tail}`, { key: edge.adminKey, body, headers });
const randomUrl = () => `http://n8n-${crypto.randomUUID()}.example.org`;
async function add(more: object = {}): Promise<{ id: string; base_url: string }> {
  const { status, json } = await post("", { base_url: randomUrl(), api_key: secret, ...more });
  expect(status).toBe(201);
  return json;
}
const list = async () =>
  (await edge.call("GET", "/api/v1/n8n-instances?limit=200", { key: edge.adminKey })).json.items as {
    id: string;
    status: string;
    department_id: string | null;
  }[];
const find = async (id: string) => (await list()).find((one) => one.id === id);
const retireFree = async () => {
  for (const { id, status } of await list()) if (status === "free") await post(`/${id}/retire`);
};
const lease = (id: string) => withTx(edge.deps.db.app, (tx) => leaseInstance(tx, id));
const giveBack = (id: string, wasUsed: boolean) =>
  withTx(edge.deps.db.app, (tx) => returnInstance(tx, id, wasUsed));
const accessOf = (id: string) => instanceOf(edge.deps.db.app, edge.deps.vault, id);

test("an instance is added with its key sealed; the key is in no answer, log or event", async () => {
  const added = await post("", { base_url: "HTTP://N8N.example.org:5678/sub/", api_key: secret });
  expect(added.json).toMatchObject({
    base_url: "http://n8n.example.org:5678/sub",
    webhook_url: "http://n8n.example.org:5678/sub",
    status: "free",
    department_id: null,
  });
  const [row] = await edge.sql`
    select to_jsonb(i)::text as text, i.api_key_sealed as sealed from federation.n8n_instance i where id = ${added.json.id}`;
  expect(row?.["sealed"]).toStartWith("fedc1.");
  const events =
    await edge.sql`select to_jsonb(e)::text as text, action from audit.event e where target = ${added.json.id}`;
  expect(events.map(({ action }) => String(action))).toEqual(["n8n_instance.add"]);
  const shown = [added.text, JSON.stringify(await list()), row?.["text"], events[0]?.["text"], ...edge.lines];
  expect(shown.filter((text) => String(text).includes(secret))).toEqual([]);
});

test("an address that is none, or holds more than a place, is refused, without a word of the key", async () => {
  const refused = [
    "ftp://x.example.org",
    "http://u:p@x.example.org",
    "http://x/?a=1",
    "http://x/#a",
    "x",
    "",
  ];
  for (const base_url of refused) {
    const { status, json, text } = await post("", { base_url, api_key: secret });
    expect([base_url, status, json.errors[0].path, text.includes(secret)]).toEqual([
      base_url,
      422,
      "base_url",
      false,
    ]);
  }
  const spaced = await post("", { base_url: randomUrl(), api_key: `${secret} x` });
  expect([spaced.status, spaced.text.includes(secret)]).toEqual([422, false]);
});

test("an instance is known once while it lives, and again by the same Idempotency-Key", async () => {
  const body = { base_url: randomUrl(), api_key: secret };
  const headers = { "idempotency-key": "n8n-1" };
  const first = await post("", body, headers);
  expect((await post("", body, headers)).json).toEqual(first.json);
  const twin = await post("", { ...body, base_url: `${body.base_url}/` });
  expect([twin.status, twin.json.code]).toEqual([409, "instance_exists"]);
  await post(`/${first.json.id}/retire`);
  expect((await post("", body)).status).toBe(201);
});

test("of 20 departments that lease at once from 12 instances exactly 12 get one each", async () => {
  await retireFree();
  await Promise.all(Array.from({ length: 12 }, () => add()));
  const departments = await Promise.all(Array.from({ length: 20 }, () => edge.addDepartment()));
  const leases = await Promise.all(departments.map(({ id }) => lease(id)));
  const got = leases.flatMap((one) => (one ? [one.id] : []));
  expect([got.length, new Set(got).size]).toEqual([12, 12]);
});

test("a department keeps the instance it has, also when it asks twice at once", async () => {
  await retireFree();
  await Promise.all([add(), add()]);
  const { id } = await edge.addDepartment();
  const [one, two] = await Promise.all([lease(id), lease(id)]);
  expect([one?.id, [one?.isNew, two?.isNew].toSorted()]).toEqual([two?.id, [false, true]]);
  expect((await list()).filter(({ department_id }) => department_id === id)).toHaveLength(1);
});

test("a department reaches its own instance and no other", async () => {
  await retireFree();
  const [mine, other] = [await edge.addDepartment(), await edge.addDepartment()];
  const { base_url } = await add({ webhook_url: "https://hooks.example.org/" });
  await lease(mine.id);
  const access = await accessOf(mine.id);
  expect([access?.baseUrl, access?.webhookUrl, access?.apiKey.reveal()]).toEqual([
    base_url,
    "https://hooks.example.org",
    secret,
  ]);
  expect(JSON.stringify(access)).not.toContain(secret);
  expect(await accessOf(other.id)).toBeUndefined();
});

test("what a department has used is never another one's; what it has not, is free again", async () => {
  await retireFree();
  const { id } = await edge.addDepartment();
  const { id: instance } = await add();
  await lease(id);
  expect(await giveBack(id, false)).toEqual({ id: instance, status: "free" });
  expect((await lease(id))?.id).toBe(instance);
  expect(await giveBack(id, true)).toEqual({ id: instance, status: "retired" });
  expect(await giveBack(id, true)).toBeUndefined();
  expect([await lease(id), await accessOf(id)]).toEqual([undefined, undefined]);
  expect(
    await edge.sql`select from federation.n8n_instance where id = ${instance} and api_key_sealed is null`,
  ).toHaveLength(1);
});

test("an instance in use is not retired; a free one loses its key, once on record", async () => {
  await retireFree();
  const { id } = await edge.addDepartment();
  const { id: leased } = await add();
  await lease(id);
  const refused = await post(`/${leased}/retire`);
  expect([refused.status, refused.json.code]).toEqual([409, "instance_leased"]);
  expect(await find(leased)).toMatchObject({ status: "leased", department_id: id });
  const { id: free } = await add();
  for (const { json } of [await post(`/${free}/retire`), await post(`/${free}/retire`)])
    expect(json.status).toBe("retired");
  const retirements = await edge.sql`
    select from audit.event where target = ${free} and action = 'n8n_instance.retire'`;
  expect(retirements).toHaveLength(1);
  expect((await post(`/${Bun.randomUUIDv7()}/retire`)).status).toBe(404);
});

test("the pool is the platform's: neither a department nor its admin sees or changes it", async () => {
  const department = await edge.addDepartment();
  const admin = await edge.addMember(
    "department_admin",
    ["departments:read", "departments:write"],
    department.id,
  );
  const body = { base_url: randomUrl(), api_key: secret };
  for (const key of [department.key, admin.key]) {
    const replies = [
      await edge.call("GET", "/api/v1/n8n-instances", { key }),
      await edge.call("POST", "/api/v1/n8n-instances", { key, body }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([403, 403]);
  }
});
