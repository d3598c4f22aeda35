import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createApp } from "../../src/app.ts";
import { demandApproval } from "../../src/approvals/demand.ts";
import { useApproval } from "../../src/approvals/use.ts";
import type { Caller, Ctx } from "../../src/context.ts";
import { withTx } from "../../src/db/tx.ts";
import { departmentScopes, roleScopes } from "../../src/members/scopes.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

let edge: Edge;
let strict: ReturnType<typeof createApp>;
let asker: { id: string; key: string };
let second: { id: string; key: string };
let department: TestDepartment;

beforeAll(async () => {
  edge = await testEdge();
  strict = createApp({ ...edge.deps, config: { ...edge.deps.config, fourEyes: ["deprovision"] } });
  asker = await edge.addMember("operator", roleScopes.operator);
  second = await edge.addMember("admin", roleScopes.admin);
});
afterAll(() => edge.close());
beforeEach(async () => {
  department = await edge.addDepartment();
});

const call = async (method: string, path: string, key: string, body?: object) => {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const text = body && JSON.stringify(body);
  const reply = await strict.request(path, { method, headers, ...(text && { body: text }) });
  const json: ReturnType<typeof JSON.parse> = await reply.json();
  return { status: reply.status, json };
};
const deprovision = (key = asker.key, body: object = { grace_hours: 1 }) =>
  call("DELETE", `/api/v1/deprovision/${department.slug}`, key, body);
const decide = (id: string, verb: "approve" | "reject", key: string) =>
  call("POST", `/api/v1/approvals/${id}/${verb}`, key, {});
const file = async (): Promise<string> => (await deprovision()).json.errors[0].message;
const runs = async () =>
  (await edge.sql`select from federation.run where department_id = ${department.id}`).length;
const bare = ({ status, json }: { status: number; json: { code?: string } }) => [status, json.code];

test("where nobody asked for four eyes one person is enough, and nothing is filed", async () => {
  const reply = await edge.call("DELETE", `/api/v1/deprovision/${department.slug}`, {
    key: asker.key,
    body: {},
  });
  expect([reply.status, await runs()]).toEqual([202, 1]);
  expect(await edge.sql`select from federation.approval where department_id = ${department.id}`).toHaveLength(
    0,
  );
});

test("a destructive call is refused with the id of its request; filed once, however often it is sent", async () => {
  const first = await deprovision();
  expect(bare(first)).toEqual([403, "approval_required"]);
  expect(first.json.errors).toEqual([
    { path: "approval", message: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  ]);
  const again = await Promise.all([deprovision(), deprovision()]);
  for (const reply of again) expect(reply.json.errors).toEqual(first.json.errors);
  expect(await runs()).toBe(0);
});

test("with a second person's approval the same request goes through, once, and all of it is on record", async () => {
  const id = await file();
  expect((await decide(id, "approve", second.key)).json).toMatchObject({
    status: "approved",
    approved_by: second.id,
  });
  expect(bare(await deprovision())).toEqual([202, undefined]);
  expect(await runs()).toBe(1);
  const list = await call("GET", "/api/v1/approvals?status=used&limit=200", second.key);
  expect(list.json.items.map((item: { id: string }) => item.id)).toContain(id);
  const events = await edge.sql`select action, decision, actor from audit.event
    where stream = ${department.id} and (target = ${id} or meta::jsonb ->> 'approval' = ${id}) order by seq`;
  expect(events.map(({ action, actor }) => [action, actor])).toEqual([
    ["approval.request", asker.id],
    ["approval.approve", second.id],
    ["department.deprovision", asker.id],
  ]);
});

test("asking again for a deprovision that is under way needs no second approval", async () => {
  await decide(await file(), "approve", second.key);
  const first = await deprovision();
  expect((await deprovision()).json.provisioning_id).toBe(first.json.provisioning_id);
});

test("whoever asked cannot approve, with another key of theirs neither, and the attempt is on record", async () => {
  const id = await file();
  const minted = await call("POST", "/api/v1/api-keys", asker.key, {
    name: "other",
    scopes: ["approvals:write"],
    expires_in_days: 1,
  });
  for (const key of [asker.key, minted.json.key]) {
    expect(bare(await decide(id, "approve", key))).toEqual([403, "self_approval"]);
  }
  const denied = await edge.sql`select from audit.event where target = ${id} and decision = 'denied'`;
  expect(denied).toHaveLength(2);
  expect(bare(await deprovision())).toEqual([403, "approval_required"]);
});

test("neither a machine, nor an auditor, nor a department's admin, nor a disabled member approves", async () => {
  const id = await file();
  const auditor = await edge.addMember("auditor", [...roleScopes.admin]);
  const ofDepartment = await edge.addMember("department_admin", [...roleScopes.admin], department.id);
  const gone = await edge.addMember("admin", roleScopes.admin);
  expect((await call("GET", "/api/v1/approvals", gone.key)).status).toBe(200);
  await edge.call("DELETE", `/api/v1/members/${gone.id}`, { key: edge.adminKey });
  await Bun.sleep(1000);
  for (const key of [department.key, auditor.key, ofDepartment.key]) {
    expect((await decide(id, "approve", key)).status).toBe(403);
  }
  expect((await decide(id, "approve", gone.key)).status).toBe(401);
  expect(bare(await deprovision())).toEqual([403, "approval_required"]);
});

test("an approval is for this very request: another body, another department, another person need their own", async () => {
  const id = await file();
  await decide(id, "approve", second.key);
  const other = await deprovision(asker.key, { grace_hours: 0 });
  expect(bare(other)).toEqual([403, "approval_required"]);
  expect(other.json.errors[0].message).not.toBe(id);
  expect(bare(await deprovision(second.key))).toEqual([403, "approval_required"]);
  const elsewhere = await edge.addDepartment();
  const there = await call("DELETE", `/api/v1/deprovision/${elsewhere.slug}`, asker.key, { grace_hours: 1 });
  expect(bare(there)).toEqual([403, "approval_required"]);
  expect(await runs()).toBe(0);
});

test("a rejected request stays rejected, and so does an approval that was taken back", async () => {
  const id = await file();
  await decide(id, "reject", second.key);
  expect(bare(await decide(id, "approve", second.key))).toEqual([409, "approval_over"]);
  const next = await file();
  expect(next).not.toBe(id);
  await decide(next, "approve", second.key);
  await decide(next, "reject", second.key);
  expect(bare(await deprovision())).toEqual([403, "approval_required"]);
});

test("an expired request cannot be approved, an expired approval not used", async () => {
  const old = await file();
  await expire(old);
  expect(bare(await decide(old, "approve", second.key))).toEqual([409, "approval_over"]);
  const next = await file();
  expect(next).not.toBe(old);
  await decide(next, "approve", second.key);
  await expire(next);
  expect(bare(await deprovision())).toEqual([403, "approval_required"]);
  expect(await runs()).toBe(0);
});

test("an approval whose approver was disabled meanwhile does not count", async () => {
  const approver = await edge.addMember("operator", roleScopes.operator);
  await decide(await file(), "approve", approver.key);
  await edge.call("DELETE", `/api/v1/members/${approver.id}`, { key: edge.adminKey });
  expect(bare(await deprovision())).toEqual([403, "approval_required"]);
});

test("used twice at the same time, one wins and the other is refused", async () => {
  const demand = {
    action: "deprovision" as const,
    target: department.id,
    departmentId: department.id,
    request: { at: "once" },
  };
  const ctx = ctxOf({ kind: "member", id: asker.id, role: "operator" });
  const required = await demandApproval(ctx, demand).catch(
    (error: { errors: { message: string }[] }) => error,
  );
  await decide(required?.errors[0]?.message ?? "", "approve", second.key);
  const uses = await Promise.allSettled(
    Array.from({ length: 8 }, () =>
      withTx(edge.deps.db.app, async (tx) => {
        const used = await useApproval(ctx, tx, demand);
        await tx`select pg_sleep(0.05)`;
        return used;
      }),
    ),
  );
  expect(uses.filter((use) => use.status === "fulfilled")).toHaveLength(1);
});

test("where the effect happens it is asked again: another person, body or target, a late or rejected one, are refused", async () => {
  const demand = { action: "deprovision" as const, target: department.id, request: { at: "use" } };
  const [ctx, other] = [asker, second].map(({ id }) => ctxOf({ kind: "member", id, role: "admin" }));
  if (!ctx || !other) throw new Error("nobody asks");
  const approve = async () => {
    const required = await demandApproval(ctx, demand).catch(
      (error: { errors: { message: string }[] }) => error,
    );
    const id = required?.errors[0]?.message ?? "";
    await decide(id, "approve", second.key);
    return id;
  };
  const use = (by: Ctx, change: object = {}) =>
    withTx(edge.deps.db.app, (tx) => useApproval(by, tx, { ...demand, ...change }));
  const refused = { code: "approval_required", status: 403 };
  await expect(use(ctx)).rejects.toMatchObject(refused);
  const late = await approve();
  await expect(use(other)).rejects.toMatchObject(refused);
  await expect(use(ctx, { request: { at: "another" } })).rejects.toMatchObject(refused);
  await expect(use(ctx, { target: Bun.randomUUIDv7() })).rejects.toMatchObject(refused);
  await expect(use(ctxOf({ kind: "client", id: asker.id, role: undefined }))).rejects.toMatchObject({
    status: 403,
  });
  await expire(late);
  await expect(use(ctx)).rejects.toMatchObject(refused);
  const rejected = await approve();
  await decide(rejected, "reject", second.key);
  await expect(use(ctx)).rejects.toMatchObject(refused);
  const good = await approve();
  expect(await use(ctx)).toBe(good);
  await expect(use(ctx)).rejects.toMatchObject(refused);
});

test("an effect that fails gives the approval back", async () => {
  const demand = { action: "deprovision" as const, target: department.id, request: {} };
  const ctx = ctxOf({ kind: "member", id: asker.id, role: "operator" });
  const required = await demandApproval(ctx, demand).catch(
    (error: { errors: { message: string }[] }) => error,
  );
  await decide(required?.errors[0]?.message ?? "", "approve", second.key);
  const failing = withTx(edge.deps.db.app, async (tx) => {
    await useApproval(ctx, tx, demand);
    throw new Error("the effect failed");
  });
  await expect(failing).rejects.toThrow("the effect failed");
  expect(await withTx(edge.deps.db.app, (tx) => useApproval(ctx, tx, demand))).toBe(
    required?.errors[0]?.message,
  );
});

test("with key-retire among them a key is retired by two people, and nothing is filed for one that stays in use", async () => {
  const config = { ...edge.deps.config, fourEyes: ["key-retire" as const] };
  const app = createApp({ ...edge.deps, config });
  const retire = (id: string) =>
    app.request(`/api/v1/keys/${id}/retire`, {
      method: "POST",
      headers: { authorization: `Bearer ${asker.key}` },
    });
  const [inUse] = await edge.sql`select kek_id as id from federation.kek_check limit 1`;
  expect((await retire(String(inUse?.["id"]))).status).toBe(409);
  await edge.sql`insert into federation.kek_check (kek_id, check_value) values ('0badcafe', 'x')`;
  const refused = await retire("0badcafe");
  const problem: ReturnType<typeof JSON.parse> = await refused.json();
  expect([refused.status, problem.code]).toEqual([403, "approval_required"]);
  await decide(problem.errors[0].message, "approve", second.key);
  expect((await retire("0badcafe")).status).toBe(204);
  expect(await edge.sql`select from federation.approval where action = 'key-retire'`).toHaveLength(1);
});

test("a machine cannot even ask", async () => {
  const ctx = ctxOf({ kind: "client", id: Bun.randomUUIDv7(), role: undefined });
  const demand = { action: "deprovision" as const, target: department.id, request: {} };
  await expect(demandApproval(ctx, demand)).rejects.toMatchObject({ code: "not_a_member" });
  expect(departmentScopes).not.toContain("approvals:write");
});

test("the database itself refuses what no verb would do", async () => {
  const id = await file();
  const app = edge.deps.db.app;
  const attempts = [
    app`update federation.approval set status = 'approved', approved_by = requested_by, decided_at = now() where id = ${id}`,
    app`update federation.approval set status = 'used', used_at = now() where id = ${id}`,
    app`update federation.approval set requested_by = ${second.id} where id = ${id}`,
    app`update federation.approval set status = 'approved', approved_by = ${second.id}, decided_at = now(), fingerprint = ${"0".repeat(64)} where id = ${id}`,
    app`update federation.approval set status = 'expired' where id = ${id}`,
    app`delete from federation.approval where id = ${id}`,
    app`insert into federation.approval (id, action, target, fingerprint, requested_by, status, approved_by, decided_at)
      values (${Bun.randomUUIDv7()}, 'deprovision', 'x', ${"1".repeat(64)}, ${asker.id}, 'approved', ${second.id}, now())`,
  ];
  for (const attempt of attempts) await expect(attempt.execute()).rejects.toThrow();
  const auditor = await edge.addMember("auditor", ["audit:read"]);
  const byAuditor = app`update federation.approval set status = 'approved', approved_by = ${auditor.id}, decided_at = now() where id = ${id}`;
  await expect(byAuditor.execute()).rejects.toThrow("only the people of the platform");
});

async function expire(id: string): Promise<void> {
  await withTx(edge.sql, async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update federation.approval set created_at = now() - interval '2 days', expires_at = now() - interval '1 day'
      where id = ${id}`;
  });
}

function ctxOf(caller: Pick<Caller, "kind" | "id" | "role">): Ctx {
  const config = { ...edge.deps.config, fourEyes: ["deprovision" as const] };
  const whole = { ...caller, departmentId: undefined, scopes: new Set<string>() };
  return { ...edge.deps, config, caller: whole, requestId: Bun.randomUUIDv7(), idempotency: undefined };
}
