import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createApp } from "../../src/app.ts";
import { mintApiKey } from "../../src/crypto/api-key.ts";
import { type Sql, type Tx, withTx } from "../../src/db/tx.ts";
import { roleScopes } from "../../src/members/scopes.ts";
import { callGateway, type Question } from "../isolation/world.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
/** Another web process: it shares the database with the edge's, and nothing else. */
let otherApp: ReturnType<typeof createApp>;
let a: TestDepartment;
let b: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  otherApp = createApp(edge.deps);
});
afterAll(() => edge.close());
beforeEach(async () => {
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  await Promise.all([grant(a, b), grant(b, a)]);
});

const effectiveWithinMs = 1000;
const lock = (department = a, key = edge.adminKey, reason = "a laptop was stolen") =>
  edge.call("POST", `/api/v1/departments/${department.slug}/lockdown`, { key, body: { reason } });
const unlock = (department = a, key = edge.adminKey) =>
  edge.call("POST", `/api/v1/departments/${department.slug}/unlock`, {
    key,
    body: { reason: "found again" },
  });
const question = (target: TestDepartment) => ({
  target_department_id: target.slug,
  query_type: "search_documents",
  query_params: { query: "budget" },
  reason: "test",
});
const ask = (from: TestDepartment, target: TestDepartment, key = from.key) =>
  edge.call("POST", "/api/v1/cross-dept/query", { key, body: question(target) });
const seen = async (key: string) => {
  const headers = { authorization: `Bearer ${key}` };
  const replies = [edge.app, otherApp].map((app) => app.request("/api/v1/departments", { headers }));
  return (await Promise.all(replies)).map((reply) => reply.status);
};
const rowOf = async ({ id }: TestDepartment) => {
  const [row] = await edge.sql`
    select status, locked_by, lock_reason, locked_at::text, xmin::text from federation.department where id = ${id}`;
  return row;
};

describe("within a second of a lockdown every process refuses", () => {
  test("the agent's key, n8n's key, a token of before, and the keys of its people; nobody else's", async () => {
    const minted = await edge.call("POST", "/api/v1/api-keys", {
      key: edge.adminKey,
      body: { name: "n8n", department_id: a.slug, scopes: ["departments:read"], expires_in_days: 1 },
    });
    const token = await edge.call("POST", "/api/v1/token", {
      body: { grant_type: "client_credentials", client_id: a.keyId, client_secret: a.key },
    });
    const person = await edge.addMember("department_admin", roleScopes.department_admin, a.id);
    const credentials = [a.key, minted.json.key, token.json.access_token, person.key];
    for (const credential of credentials) expect(await seen(credential)).toEqual([200, 200]);
    expect((await lock()).json).toMatchObject({ status: "suspended", keys_revoked: 3, grants_revoked: 2 });
    await Bun.sleep(effectiveWithinMs);
    for (const credential of credentials) expect(await seen(credential)).toEqual([401, 401]);
    expect(await seen(b.key)).toEqual([200, 200]);
    expect(await seen(edge.adminKey)).toEqual([200, 200]);
  });

  test("no new token is made for its key", async () => {
    await lock();
    await Bun.sleep(effectiveWithinMs);
    const body = { grant_type: "client_credentials", client_id: a.keyId, client_secret: a.key };
    expect((await edge.call("POST", "/api/v1/token", { body })).status).toBe(401);
  });
});

test("a consent under way ends with the lock", async () => {
  await edge.sql`insert into federation.oauth_consent (id, department_id, requested_by, ticket_hash, expires_at)
    values (${Bun.randomUUIDv7()}, ${a.id}, 'test', sha256(${Buffer.from(a.id)}), now() + interval '1 hour')`;
  await lock();
  expect(await edge.sql`select from federation.oauth_consent where department_id = ${a.id}`).toHaveLength(0);
});

describe("the database itself refuses, with no second to wait:", () => {
  test("questions from and to it, sealed and even opened before", async () => {
    const calls = await Promise.all([sealed(a, b), sealed(b, a), sealed(a, a)]);
    for (const call of calls) expect(await open(call)).toBe("allowed");
    const unopened = await Promise.all([sealed(a, b), sealed(b, a), sealed(a, a)]);
    const other = await edge.addDepartment();
    const unconcerned = await sealed(b, b);
    await lock();
    for (const call of calls) expect(await callGateway(edge.deps.db.gateway, "read", call)).toBeNull();
    for (const call of unopened) expect(await open(call)).toBe("denied");
    expect(await open(unconcerned)).toBe("allowed");
    expect((await ask(other, other)).status).toBe(200);
  });

  test("a statement that would make it live, or a key of it count", async () => {
    await lock();
    const app = edge.deps.db.app;
    for (const status of ["active", "degraded", "provisioning"]) {
      const attempt = app`update federation.department set status = ${status} where id = ${a.id}`;
      await expect(attempt.execute()).rejects.toThrow("department_locked_check");
    }
    const person = Bun.randomUUIDv7();
    await app`insert into federation.member (id, email, role, department_id)
      values (${person}, ${`${person}@example.org`}, 'department_admin', ${a.id})`;
    const owners = [
      { member_id: null, department_id: a.id },
      { member_id: person, department_id: null },
    ];
    for (const owner of owners)
      await expect(insertKey(owner).execute()).rejects.toThrow("the department is locked");
    const [key] = await app`select id from federation.api_client where department_id = ${a.id}`;
    const revived = app`update federation.api_client set status = 'active', revoked_at = null where id = ${String(key?.["id"])}`;
    await expect(revived.execute()).rejects.toThrow("the department is locked");
  });
});

test("a key that is being made while the lock is put on is refused or revoked, never forgotten", async () => {
  const inserting = withTx(edge.deps.db.app, async (tx) => {
    await insertKey({ member_id: null, department_id: a.id }, tx);
    await tx`select pg_sleep(0.6)`;
  });
  await Bun.sleep(100);
  const [, locked] = await Promise.all([inserting, lock()]);
  expect([locked.status, locked.json.keys_revoked]).toEqual([202, 2]);
  const live =
    await edge.sql`select from federation.api_client where department_id = ${a.id} and status <> 'revoked'`;
  expect(live).toHaveLength(0);
});

test("what is put on record: the lock in both trails, the end of each grant in both departments', one event", async () => {
  const { json } = await lock();
  const events = await edge.sql`select stream, action, reason from audit.event
    where action in ('department.lock', 'grant.revoke') and (target = ${a.id} or stream in (${a.id}, ${b.id}))`;
  const counts = (action: string, stream: string) =>
    events.filter((event) => event["action"] === action && event["stream"] === stream).length;
  const platform = "00000000-0000-0000-0000-000000000000";
  expect([counts("department.lock", a.id), counts("department.lock", platform)]).toEqual([1, 1]);
  expect([counts("grant.revoke", a.id), counts("grant.revoke", b.id)]).toEqual([2, 2]);
  const emitted =
    await edge.sql`select type, data from federation.webhook_event where department_id = ${a.id}`;
  expect(emitted.map(({ type, data }) => [type, data.run])).toEqual([
    ["department.locked", json.provisioning_id],
  ]);
  const shown = await edge.call("GET", `/api/v1/departments/${a.slug}`, { key: edge.adminKey });
  expect(shown.json).toMatchObject({ status: "suspended", lock_reason: "a laptop was stolen" });
});

test("a second lockdown, later or at the same time, changes nothing", async () => {
  const together = await Promise.all([lock(), lock(a, edge.adminKey, "another reason"), lock()]);
  const before = await rowOf(a);
  const later = await lock(a, edge.adminKey, "a third reason");
  expect(new Set([...together, later].map((reply) => reply.status))).toEqual(new Set([202]));
  expect(new Set([...together, later].map((reply) => reply.json.provisioning_id)).size).toBe(1);
  expect(later.json).toMatchObject({ keys_revoked: 0, grants_revoked: 0, reason: before?.["lock_reason"] });
  expect(await rowOf(a)).toEqual(before);
  const events =
    await edge.sql`select from audit.event where stream = ${a.id} and action = 'department.lock'`;
  expect(events).toHaveLength(1);
});

describe("who may:", () => {
  test("its own admin may lock it, and is out with it; another department's gets the 404 of a missing one", async () => {
    const own = await edge.addMember("department_admin", roleScopes.department_admin, a.id);
    const other = await edge.addMember("department_admin", roleScopes.department_admin, b.id);
    const [refused, missing] = await Promise.all([
      lock(a, other.key),
      edge.call("POST", "/api/v1/departments/never-was/lockdown", { key: other.key, body: { reason: "x" } }),
    ]);
    expect({ ...refused.json, request_id: "" }).toEqual({ ...missing.json, request_id: "" });
    expect((await lock(a, own.key)).status).toBe(202);
    await Bun.sleep(effectiveWithinMs);
    expect(await seen(own.key)).toEqual([401, 401]);
  });

  test("a machine may not lock, and a department's admin may not unlock", async () => {
    expect((await lock(a, a.key)).status).toBe(403);
    const other = await edge.addMember("department_admin", roleScopes.department_admin, b.id);
    expect((await unlock(b, other.key)).status).toBe(403);
  });
});

describe("whatever else happens to the department:", () => {
  test("a provisioning under way is asked to take back what it made", async () => {
    const accepted = await edge.call("POST", "/api/v1/provision-department", {
      key: edge.adminKey,
      body: {
        department_id: "half-made",
        department_name: "Half made",
        enabled_tools: ["email"],
        admin_email: "h@example.org",
      },
    });
    const half = { ...a, slug: "half-made", id: accepted.json.department };
    expect((await lock(half)).json.status).toBe("suspended");
    const [run] = await edge.sql`select cancel_requested_at is not null as cancelled from federation.run
      where id = ${accepted.json.provisioning_id}`;
    expect(run?.["cancelled"]).toBe(true);
  });

  test("a deprovision in its grace goes on, and a cancel of it does not bring the department back", async () => {
    const going = await edge.call("DELETE", `/api/v1/deprovision/${a.slug}`, {
      key: edge.adminKey,
      body: {},
    });
    expect((await lock()).status).toBe(202);
    const runs = await edge.sql`select kind, cancel_requested_at is null as on from federation.run
      where department_id = ${a.id} order by kind`;
    expect(runs.map(({ kind, on }) => [kind, on])).toEqual([
      ["deprovision", true],
      ["lockdown", true],
    ]);
    expect(going.json.provisioning_id).not.toBe((await lock()).json.provisioning_id);
  });

  test("who holds its row, its run or its trail for a moment only makes the lockdown come again", async () => {
    const going = await edge.call("DELETE", `/api/v1/deprovision/${a.slug}`, {
      key: edge.adminKey,
      body: {},
    });
    const holds = [
      `select from federation.run where id = '${going.json.provisioning_id}' for no key update`,
      `select from federation.department where id = '${a.id}' for update`,
      `select from audit.head where stream = '${a.id}' for update`,
    ];
    const held = withTx(edge.sql, async (tx) => {
      for (const hold of holds) await tx.unsafe(hold);
      await Bun.sleep(1200);
    });
    await Bun.sleep(100);
    expect((await lock()).status).toBe(202);
    await held;
    expect((await rowOf(a))?.["lock_reason"]).toBe("a laptop was stolen");
  });

  test("a department that is gone is a conflict", async () => {
    await edge.sql`update federation.department set status = 'deprovisioned', deprovisioned_at = now() where id = ${a.id}`;
    expect([(await lock()).json.code, (await unlock()).json.code]).toEqual([
      "already_deprovisioned",
      "not_locked",
    ]);
  });
});

test("a lockdown cannot be cancelled", async () => {
  const { json } = await lock();
  const cancel = await edge.call("POST", `/api/v1/runs/${json.provisioning_id}/cancel`, {
    key: edge.adminKey,
    body: {},
  });
  expect([cancel.status, cancel.json.code]).toEqual([409, "irreversible"]);
});

test("only a locked department is unlocked, and not while it is still being stopped", async () => {
  expect((await unlock()).json.code).toBe("not_locked");
  await lock();
  expect((await unlock()).json.code).toBe("run_in_progress");
});

test("a lockdown during an unlock ends the unlock, and its lock is another one", async () => {
  const first = await lock();
  await edge.sql`update federation.run set status = 'succeeded', finished_at = now() where id = ${first.json.provisioning_id}`;
  const unlocking = await unlock();
  expect(unlocking.json.note).toContain("grants must be asked for again");
  const again = await lock();
  expect(again.json.provisioning_id).not.toBe(first.json.provisioning_id);
  expect(again.json.locked_at > first.json.locked_at).toBe(true);
  const [run] = await edge.sql`select cancel_requested_at is not null as cancelled from federation.run
    where id = ${unlocking.json.provisioning_id}`;
  expect(run?.["cancelled"]).toBe(true);
});

test("a lockdown without a reason is refused", async () => {
  const reply = await edge.call("POST", `/api/v1/departments/${a.slug}/lockdown`, {
    key: edge.adminKey,
    body: {},
  });
  expect(reply.status).toBe(422);
});

const grant = (source: TestDepartment, target: TestDepartment) => edge.sql`
  insert into federation.access_grant (id, source, target, permission, resource, status, requested_by, approved_by, reason, expires_at)
  values (${Bun.randomUUIDv7()}, ${source.id}, ${target.id}, 'search', 'documents', 'approved', 'x', 'y', 'test', now() + interval '1 hour')`;

function insertKey(
  owner: { member_id: string | null; department_id: string | null },
  sql: Sql | Tx = edge.deps.db.app,
) {
  const minted = mintApiKey("development");
  return sql`insert into federation.api_client
    (id, key_id, name, member_id, department_id, secret_hash, scopes, status, expires_at)
    values (${Bun.randomUUIDv7()}, ${minted.id}, 'late', ${owner.member_id}, ${owner.department_id}, ${minted.secretHash},
      '{}', 'active', now() + interval '1 day')`;
}

async function sealed(from: TestDepartment, target: TestDepartment): Promise<Question> {
  const { query_type: kind, query_params: params, reason } = question(target);
  const call = {
    caller: from.id,
    client: from.id,
    target: target.slug,
    kind,
    params: JSON.stringify(params),
    reason,
    requester: "{}",
    requestId: Bun.randomUUIDv7(),
  };
  return { ...call, ...(await edge.deps.vault.sealCall(call)) };
}

const open = async (call: Question) =>
  ((await callGateway(edge.deps.db.gateway, "open", call)) as { decision: string }).decision;
