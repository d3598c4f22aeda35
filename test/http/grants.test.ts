import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { createApp } from "../../src/app.ts";
import { lapseGrants } from "../../src/grants/lapse.ts";
import { roleScopes } from "../../src/members/scopes.ts";
import type { Reply } from "./edge.ts";
import { outcome, wish, type GrantsWorld, grantsWorld, type Side } from "../grants/world.ts";

let world: GrantsWorld;
let a: Side;
let b: Side;
beforeAll(async () => {
  world = await grantsWorld();
  ({ a, b } = world);
});
afterAll(() => world.edge.close());

test("asked for, approved, answered, revoked, refused; both departments have it on record", async () => {
  const { json: grant } = await world.request(a.admin, b.slug);
  expect(grant).toMatchObject({
    source_department_id: a.slug,
    target_department_id: b.slug,
    status: "requested",
  });
  expect((await world.ask(a, b.slug)).status).toBe(403);
  expect(outcome(await world.approve(grant.id, b.admin))).toEqual([200, "approved"]);
  expect((await world.ask(a, b.slug)).json.results[0].name).toBe("Budget");
  expect(outcome(await world.revoke(grant.id, b.admin))).toEqual([200, "revoked"]);
  expect((await world.ask(a, b.slug)).json.code).toBe("no_grant");
  const events = await world.eventsOf(grant.id);
  for (const { id } of [a, b]) {
    expect(
      events.filter((event) => event["stream"] === id).map((event) => [event["action"], event["actor"]]),
    ).toEqual([
      ["grant.request", a.adminId],
      ["grant.approve", b.adminId],
      ["grant.revoke", b.adminId],
    ]);
  }
});

test("the target is told of a request", async () => {
  const { json: grant } = await world.request(a.admin, b.slug, { resource: "contacts" });
  const events = await world.edge
    .sql`select department_id, data from federation.webhook_event where data ->> 'grant_id' = ${grant.id}`;
  expect([...events]).toEqual([
    {
      department_id: b.id,
      data: { grant_id: grant.id, source_department_id: a.slug, permission: "search", resource: "contacts" },
    },
  ]);
});

test("a request that is open is answered again, with and without an Idempotency-Key", async () => {
  const [c, d] = await Promise.all([world.addSide(), world.addSide()]);
  const replies = await Promise.all(Array.from({ length: 10 }, () => world.request(c.admin, d.slug)));
  expect(new Set(replies.map(({ json }) => json.id)).size).toBe(1);
  const headers = { "idempotency-key": "g-1" };
  const first = await world.post("", c.admin, wish(d.slug), headers);
  const again = await world.post("", c.admin, wish(d.slug), headers);
  expect([again.json, again.headers.get("idempotent-replayed")]).toEqual([first.json, "true"]);
  expect((await world.eventsOf(first.json.id)).length).toBe(2);
});

test("approving, rejecting or revoking twice gives the same answer and one record", async () => {
  const { json: one } = await world.request(a.admin, b.slug, { permission: "read" });
  const first = await world.approve(one.id, b.admin);
  expect((await world.approve(one.id, b.admin)).json).toEqual(first.json);
  const ended = await world.revoke(one.id, a.admin);
  expect((await world.revoke(one.id, world.operator)).json.ended_at).toBe(ended.json.ended_at);
  const { json: other } = await world.request(a.admin, b.slug, { permission: "read" });
  const refused = await world.reject(other.id, b.admin);
  expect((await world.reject(other.id, b.admin)).json).toEqual(refused.json);
  expect((await world.eventsOf(one.id)).length + (await world.eventsOf(other.id)).length).toBe(10);
});

test("what is over stays over", async () => {
  const { json: grant } = await world.request(a.admin, b.slug, { permission: "aggregate" });
  expect(outcome(await world.reject(grant.id, b.admin))).toEqual([200, "rejected"]);
  expect(outcome(await world.approve(grant.id, b.admin))).toEqual([409, "grant_over"]);
  expect(outcome(await world.revoke(grant.id, a.admin))).toEqual([409, "grant_over"]);
  const { json: taken } = await world.request(a.admin, b.slug, { permission: "aggregate" });
  expect(outcome(await world.revoke(taken.id, a.admin))).toEqual([200, "revoked"]);
  expect(outcome(await world.approve(taken.id, b.admin))).toEqual([409, "grant_over"]);
  expect(outcome(await world.reject(taken.id, b.admin))).toEqual([409, "grant_over"]);
});

describe("nobody but a person who is an admin of the target approves or rejects:", () => {
  const strangers: [name: string, key: () => Promise<string>, expected: [number, string]][] = [
    ["the source's admin", async () => a.admin, [403, "not_the_target"]],
    ["a machine of the target", async () => b.key, [403, "insufficient_scope"]],
    ["a machine whose key was given the scope", () => machineKey(), [403, "insufficient_scope"]],
    ["an operator of the platform", async () => world.operator, [403, "not_the_target"]],
    ["the first admin", async () => world.edge.adminKey, [403, "not_the_target"]],
    ["another department's admin", async () => (await world.addSide()).admin, [404, "not_found"]],
  ];
  test.each(strangers.map(([name, key, expected]) => ({ name, key, expected })))(
    "$name",
    async ({ key, expected }) => {
      const { json: grant } = await world.request(a.admin, b.slug, { resource: "emails" });
      const caller = await key();
      expect(outcome(await world.approve(grant.id, caller))).toEqual(expected);
      expect(outcome(await world.reject(grant.id, caller))).toEqual(expected);
      expect((await world.show(grant.id, a.admin)).json.status).toBe("requested");
    },
  );

  test("an admin of the target who was disabled, also while a key of theirs is still remembered", async () => {
    const { json: grant } = await world.request(a.admin, b.slug, { resource: "emails" });
    const { id, key } = await world.edge.addMember("department_admin", roleScopes.department_admin, b.id);
    expect((await world.show(grant.id, key)).status).toBe(200);
    await world.edge.sql`update federation.member set disabled_at = now() where id = ${id}`;
    expect([401, 403]).toContain((await world.approve(grant.id, key)).status);
    expect((await world.show(grant.id, a.admin)).json.status).toBe("requested");
  });

  async function machineKey() {
    await world.edge
      .sql`update federation.api_client set scopes = array['grants:write', 'grants:read'] where key_id = ${b.keyId}`;
    return b.key;
  }
});

test("a refused approval is on record in both departments", async () => {
  const { json: grant } = await world.request(a.admin, b.slug, { resource: "calendar" });
  await world.approve(grant.id, a.admin);
  const denied = (await world.eventsOf(grant.id)).filter((event) => event["decision"] === "denied");
  expect(denied.map((event) => [event["stream"], event["reason"]]).toSorted()).toEqual(
    [a.id, b.id].toSorted().map((stream) => [stream, "not_the_target"]),
  );
});

test("a department asks for itself only, by a person; the platform says for whom", async () => {
  expect(outcome(await world.request(a.key, b.slug))).toEqual([403, "insufficient_scope"]);
  expect(outcome(await world.request(a.admin, a.slug, { source_department_id: b.slug }))).toEqual([
    404,
    "not_found",
  ]);
  expect(outcome(await world.request(a.admin, a.slug))).toEqual([422, "own_department"]);
  expect(outcome(await world.request(world.operator, b.slug))).toEqual([422, "source_missing"]);
  const c = await world.addSide();
  const asked = await world.request(world.operator, b.slug, { source_department_id: c.slug });
  expect(asked.json).toMatchObject({ source_department_id: c.slug, status: "requested" });
  expect(outcome(await world.approve(asked.json.id, b.admin))).toEqual([200, "approved"]);
  expect((await world.ask(c, b.slug)).status).toBe(200);
});

test("the approver may allow less, never more", async () => {
  const c = await world.addSide();
  const { json: grant } = await world.request(c.admin, b.slug, { expires_in_days: 10 });
  expect(outcome(await world.approve(grant.id, b.admin, { expires_in_days: 11 }))).toEqual([
    422,
    "longer_than_asked",
  ]);
  const limit = { hits: 2, window_seconds: 86_400 };
  const { json } = await world.approve(grant.id, b.admin, { expires_in_days: 3, limit });
  expect(json.limit).toEqual(limit);
  expect(Date.parse(json.expires_at) - Date.parse(json.approved_at)).toBe(3 * 86_400_000);
  const replies = [await world.ask(c, b.slug), await world.ask(c, b.slug), await world.ask(c, b.slug)];
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 429]);
});

test("where a second person is asked for, a grant on everything waits for one of the platform", async () => {
  const config = { ...world.edge.deps.config, fourEyes: ["wildcard-grant" as const] };
  const app = createApp({ ...world.edge.deps, config });
  const send = async (path: string, key: string, body: object) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const reply = await app.request(`/api/v1${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { status: reply.status, json: z.json().parse(await reply.json()) as Reply["json"] };
  };
  const c = await world.addSide();
  const { json: wide } = await world.request(c.admin, b.slug, { resource: "*" });
  const { json: narrow } = await world.request(c.admin, b.slug);
  expect((await send(`/grants/${narrow.id}/approve`, b.admin, {})).status).toBe(200);
  expect((await send(`/grants/${wide.id}/approve`, c.admin, {})).json.code).toBe("not_the_target");
  const first = await send(`/grants/${wide.id}/approve`, b.admin, {});
  expect([first.status, first.json.code]).toEqual([403, "approval_required"]);
  expect((await world.show(wide.id, b.admin)).json.status).toBe("requested");
  const waiting = first.json.errors[0].message;
  expect((await send(`/approvals/${waiting}/approve`, world.operator, {})).status).toBe(200);
  expect((await send(`/grants/${wide.id}/approve`, b.admin, {})).json.status).toBe("approved");
});

test("neither side sees a member of the other", async () => {
  const { json: asked } = await world.request(a.admin, b.id, { resource: "*" });
  await world.approve(asked.id, b.admin);
  const [source, target, platform] = await Promise.all([
    world.show(asked.id, a.admin),
    world.show(asked.id, b.admin),
    world.show(asked.id, world.operator),
  ]);
  expect(source.json).toMatchObject({
    requested_by: a.adminId,
    approved_by: null,
    target_department_id: b.id,
  });
  expect(target.json).toMatchObject({
    requested_by: null,
    approved_by: b.adminId,
    target_department_id: b.slug,
  });
  expect(platform.json).toMatchObject({ requested_by: a.adminId, approved_by: b.adminId });
  await world.revoke(asked.id, world.operator);
});

test("a list has what a department asked for and was asked for, nothing of others", async () => {
  const [c, d] = await Promise.all([world.addSide(), world.addSide()]);
  const { json: between } = await world.request(c.admin, d.slug);
  const idsOf = async (key: string, query = "") =>
    (await world.edge.call("GET", `/api/v1/grants?limit=200${query}`, { key })).json.items.map(
      (item: { id: string }) => item.id,
    );
  expect(await idsOf(c.admin)).toEqual([between.id]);
  expect(await idsOf(d.admin)).toEqual([between.id]);
  expect(await idsOf(d.admin, "&status=approved")).toEqual([]);
  expect(await idsOf(a.admin)).not.toContain(between.id);
  expect(await idsOf(world.operator, `&department_id=${d.slug}`)).toEqual([between.id]);
  expect(
    (await world.edge.call("GET", `/api/v1/grants?department_id=${d.slug}`, { key: a.admin })).status,
  ).toBe(404);
});

test("a request that nobody answers lapses, and can be asked again", async () => {
  const [c, d] = await Promise.all([world.addSide(), world.addSide()]);
  const { json: old } = await world.request(c.admin, d.slug);
  const { json: ghost } = await world.request(c.admin, "nobody-here");
  await world.edge.sql`update federation.access_grant set lapses_at = now() where source = ${c.id}`;
  expect((await world.show(old.id, c.admin)).json.status).toBe("lapsed");
  expect(outcome(await world.approve(old.id, d.admin))).toEqual([409, "grant_over"]);
  const { json: again } = await world.request(c.admin, d.slug);
  expect(again.id).not.toBe(old.id);
  expect((await world.show(old.id, d.admin)).json.status).toBe("lapsed");
  await world.edge.sql`update federation.access_grant set lapses_at = now() where id = ${again.id}`;
  const caller = { kind: "system" as const, id: "lapse-grants", role: undefined, departmentId: undefined };
  const ctx = {
    ...world.edge.deps,
    caller: { ...caller, scopes: new Set<string>() },
    requestId: Bun.randomUUIDv7(),
  };
  expect(await lapseGrants({ ...ctx, idempotency: undefined })).toBe(1);
  const lapses = [old, ghost, again].map(async ({ id }) =>
    (await world.eventsOf(id)).filter((event) => event["action"] === "grant.lapse"),
  );
  expect((await Promise.all(lapses)).map((events) => events.length)).toEqual([2, 2, 2]);
});

test("an expired grant answers nothing", async () => {
  const c = await world.addSide();
  const { json: grant } = await world.request(c.admin, b.slug);
  await world.approve(grant.id, b.admin);
  expect((await world.ask(c, b.slug)).status).toBe(200);
  await world.edge.sql`update federation.access_grant set expires_at = now() where id = ${grant.id}`;
  expect((await world.ask(c, b.slug)).status).toBe(403);
  expect((await world.show(grant.id, c.admin)).json.status).toBe("expired");
});

test("what B may ask C, A may not ask C through B", async () => {
  const [one, two, three] = await Promise.all([world.addSide(), world.addSide(), world.addSide()]);
  for (const [source, target] of [
    [one, two],
    [two, three],
  ] as const) {
    await world.approve((await world.request(source.admin, target.slug)).json.id, target.admin);
  }
  expect((await world.ask(one, two.slug)).status).toBe(200);
  expect((await world.ask(two, three.slug)).status).toBe(200);
  expect((await world.ask(one, three.slug)).status).toBe(403);
  expect((await world.ask(two, one.slug)).status).toBe(403);
});

test("of approve and revoke at the same moment one comes first, and the record says which", async () => {
  const c = await world.addSide();
  for (let round = 0; round < 10; round++) {
    const { json: grant } = await world.request(c.admin, b.slug);
    const [approved, revoked] = await Promise.all([
      world.approve(grant.id, b.admin),
      world.revoke(grant.id, c.admin),
    ]);
    expect(outcome(revoked)).toEqual([200, "revoked"]);
    expect([200, 409]).toContain(approved.status);
    const order = (await world.eventsOf(grant.id))
      .filter((event) => event["stream"] === b.id)
      .map((event) => event["action"]);
    const expected = approved.status === 200 ? ["grant.approve", "grant.revoke"] : ["grant.revoke"];
    expect(order).toEqual(["grant.request", ...expected]);
    expect((await world.ask(c, b.slug)).status).toBe(403);
  }
});

test("of 100 questions in flight none is answered that was not allowed before the grant was revoked", async () => {
  const c = await world.addSide();
  await world.edge
    .sql`update federation.department set query_limit = 1000, query_window_seconds = 60 where id = ${c.id}`;
  await world.edge.sql`update federation.rate_policy set hits = 1000 where kind in ('pair', 'key')`;
  const { json: grant } = await world.request(c.admin, b.slug);
  await world.approve(grant.id, b.admin);
  let answered = 0;
  let ended: Promise<Reply> | undefined;
  const questions = Array.from({ length: 100 }, async () => {
    const reply = await world.ask(c, b.slug);
    if (reply.status === 200 && ++answered === 20) ended = world.revoke(grant.id, b.admin);
    return reply;
  });
  const replies = await Promise.all(questions);
  expect((await ended)?.json.status).toBe("revoked");
  const allowed = replies.filter(({ status }) => status === 200).map(({ json }) => json.query_id as string);
  expect(allowed.length).toBeGreaterThanOrEqual(20);
  expect(new Set(replies.map(({ status }) => status)).difference(new Set([200, 403]))).toEqual(new Set());
  const [late] = await world.edge.sql`
    select count(*)::int as n from audit.event e
    where e.stream = ${c.id} and e.request_id = any(${allowed}) and e.seq > (
      select r.seq from audit.event r where r.stream = ${c.id} and r.action = 'grant.revoke' and r.target = ${grant.id})`;
  expect(late?.["n"]).toBe(0);
  expect((await world.ask(c, b.slug)).status).toBe(403);
});
