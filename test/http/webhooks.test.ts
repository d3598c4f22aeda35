import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { type Edge, type Reply, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
let adminOfA: string;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  adminOfA = (await edge.addMember("department_admin", ["webhooks:write", "data:write"], a.id)).key;
});
afterAll(() => edge.close());

interface Source {
  id: string;
  secret: string;
  url: string;
}

const post = (path: string, body: object = {}, key = edge.adminKey) => edge.call("POST", path, { key, body });
const addSource = async (body: object, key = edge.adminKey): Promise<Source> => {
  const reply = await post("/api/v1/webhook-sources", { name: "n8n", ...body }, key);
  if (reply.status !== 201) throw new Error(reply.text);
  return reply.json;
};

interface Message {
  id?: string;
  at?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** Sends an event the way n8n would: the body as text, signed with the reference package. */
function sendSigned(
  source: Source,
  event: object,
  { id = Bun.randomUUIDv7(), at = Date.now(), headers, body }: Message = {},
) {
  const text = JSON.stringify(event);
  const { pathname, search } = new URL(source.url);
  const signed = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / 1000)),
    "webhook-signature": new Webhook(source.secret).sign(id, new Date(at), text),
    ...headers,
  };
  return edge.call("POST", `${pathname}${search}`, { text: body ?? text, headers: signed });
}

let names = 0;
const provision = (slug = `hooked-${++names}`) => ({
  type: "provision",
  data: {
    department_id: slug,
    department_name: "Hooked",
    enabled_tools: ["email"],
    admin_email: "x@example.org",
  },
});
const toolResult = (more: object = {}) => ({
  type: "tool_result",
  data: { call_id: Bun.randomUUIDv7(), tool: "search", status: "COMPLETED", result: { hits: 1 }, ...more },
});
const departmentsNamed = async (slug: string) =>
  (await edge.sql`select id from federation.department where slug = ${slug}`).length;
const bare = ({ status, json }: Reply) => ({ status, json: { ...json, request_id: "" } });

describe("a signed event", () => {
  test("does what the call of the API does, in the name of the source's owner, on record", async () => {
    const source = await addSource({ events: ["provision", "deprovision"] });
    const event = provision();
    const reply = await sendSigned(source, event);
    expect([reply.status, reply.json.department_id]).toEqual([202, event.data.department_id]);
    const [recorded] = await edge.sql`
      select actor, actor_kind from audit.event where action = 'department.provision' and stream = ${reply.json.department}`;
    expect(recorded).toEqual({ actor: edge.adminId, actor_kind: "member" });
    const gone = await sendSigned(source, {
      type: "deprovision",
      data: { department_id: event.data.department_id, grace_hours: 0 },
    });
    expect([gone.status, gone.json.status]).toEqual([202, "deprovisioning"]);
  });

  test("that is sent 64 times at once takes effect once, and all hear the same", async () => {
    const source = await addSource({ events: ["provision"] });
    const event = provision();
    const id = Bun.randomUUIDv7();
    const at = Date.now();
    const replies = await Promise.all(
      Array.from({ length: 64 }, () => sendSigned(source, event, { id, at })),
    );
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
    for (const reply of replies) expect(reply.json).toEqual(replies[0]?.json);
    expect(await departmentsNamed(event.data.department_id)).toBe(1);
    const [count] = await edge.sql`
      select count(*)::int as n from audit.event where action = 'department.provision' and stream = ${replies[0]?.json.department}`;
    expect(count).toEqual({ n: 1 });
    const later = await sendSigned(source, event, { id });
    expect([later.status, later.json, later.headers.get("idempotent-replayed")]).toEqual([
      202,
      replies[0]?.json,
      "true",
    ]);
  });

  test("is remembered for longer than 76 hours", async () => {
    const source = await addSource({ events: ["provision"] });
    const event = provision();
    const id = Bun.randomUUIDv7();
    await sendSigned(source, event, { id });
    await edge.sql`update federation.idempotency_key set created_at = now() - interval '77 hours', locked_until = now() - interval '76 hours'
      where key = ${id}`;
    const { purgeIdempotency } = await import("../../src/idempotency/purge.ts");
    await purgeIdempotency(edge.deps.db.app);
    expect((await sendSigned(source, event, { id })).headers.get("idempotent-replayed")).toBe("true");
    expect((await sendSigned(source, provision(), { id })).json.code).toBe("idempotency_key_reused");
    const otherwise = { ...source, url: source.url.replace(source.id, source.id.toUpperCase()) };
    expect((await sendSigned(otherwise, event, { id })).status).toBe(401);
  });

  test("that was refused may be sent again under its id, and another source's ids are its own", async () => {
    const [one, two] = [
      await addSource({ events: ["provision"] }),
      await addSource({ events: ["provision"] }),
    ];
    const id = Bun.randomUUIDv7();
    expect((await sendSigned(one, { type: "provision", data: {} }, { id })).status).toBe(422);
    expect((await sendSigned(one, provision(), { id })).status).toBe(202);
    const event = provision();
    expect((await sendSigned(two, event, { id })).json.department_id).toBe(event.data.department_id);
  });

  test("is the same 401 whatever is wrong, and does nothing", async () => {
    const source = await addSource({ events: ["provision"] });
    const other = await addSource({ events: ["provision"] });
    const off = await addSource({ events: ["provision"] });
    await edge.call("DELETE", `/api/v1/webhook-sources/${off.id}`, { key: edge.adminKey });
    const event = provision("never-made");
    const now = Date.now();
    const at = (path: string): Source => ({ ...source, url: path });
    const inbound = "http://federation.test/api/v1/webhooks/n8n";
    const replies = await Promise.all([
      sendSigned({ ...source, secret: other.secret }, event),
      sendSigned({ ...source, url: other.url }, event),
      sendSigned(off, event),
      sendSigned(at(inbound), event),
      sendSigned(at(`${inbound}?source=${Bun.randomUUIDv7()}`), event),
      sendSigned(at(`${inbound}?source=x'--`), event),
      sendSigned(source, event, { at: now - 301_000 }),
      sendSigned(source, event, { at: now + 302_000 }),
      sendSigned(source, event, { body: JSON.stringify(provision("never-made-2")) }),
      sendSigned(source, event, { body: "{ not json" }),
      sendSigned(source, event, { body: new Uint8Array([0xff, 0xfe]) }),
      sendSigned(source, event, { body: "[".repeat(100_000) }),
      sendSigned(source, event, { headers: { "content-type": "text/plain" }, body: "x" }),
      sendSigned(source, event, { headers: { "webhook-signature": "" } }),
      sendSigned(source, event, { headers: { "webhook-id": "" } }),
      sendSigned(source, event, { headers: { "webhook-timestamp": "" } }),
      sendSigned(source, event, { headers: { "webhook-timestamp": `${Math.floor(now / 1000)}abc` } }),
      sendSigned(source, event, { headers: { "webhook-signature": `v2,${"A".repeat(43)}=` } }),
      sendSigned(source, event, { headers: { "webhook-signature": "v1,x ".repeat(2000) } }),
      edge.call("POST", `/api/v1/webhooks/n8n?source=${source.id}`, { body: event }),
    ]);
    expect(new Set(replies.map((reply) => JSON.stringify(bare(reply)))).size).toBe(1);
    expect(replies[0]).toMatchObject({ status: 401, json: { code: "invalid_signature" } });
    expect((await departmentsNamed("never-made")) + (await departmentsNamed("never-made-2"))).toBe(0);
  });

  test("is verified over its bytes before anybody parses them, and then held to the limits of every body", async () => {
    const source = await addSource({ events: ["provision"] });
    const signText = (text: string) => {
      const id = Bun.randomUUIDv7();
      const at = new Date();
      const headers = { "webhook-signature": new Webhook(source.secret).sign(id, at, text) };
      return sendSigned(source, {}, { id, at: at.getTime(), headers, body: text });
    };
    expect((await signText("{ not json")).json.code).toBe("malformed_body");
    expect((await signText("[".repeat(65) + "]".repeat(65))).json.code).toBe("too_deep");
    expect((await signText('{"type":"provision","__proto__":{}}')).json.code).toBe("forbidden_key");
    expect((await signText(`"${"x".repeat(1024 * 1024)}"`)).json.code).toBe("body_too_large");
  });

  test("stops with its owner: disabled, or with less rights than before", async () => {
    const operator = await edge.addMember("operator", ["webhooks:write", "runs:write"]);
    const source = await addSource({ events: ["provision"] }, operator.key);
    expect((await sendSigned(source, provision())).status).toBe(202);
    await edge.sql`update federation.member set role = 'auditor' where id = ${operator.id}`;
    expect((await sendSigned(source, provision())).json.code).toBe("forbidden");
    await edge.sql`update federation.member set disabled_at = now() where id = ${operator.id}`;
    expect((await sendSigned(source, provision())).json.code).toBe("invalid_signature");
  });

  test("is accepted with the secret before for a day after a rotation, and not longer", async () => {
    const source = await addSource({ events: ["provision"] });
    const { json: rotated } = await post(`/api/v1/webhook-sources/${source.id}/rotate-secret`);
    for (const one of [source, rotated]) expect((await sendSigned(one, provision())).status).toBe(202);
    await edge.sql`update federation.webhook_secret set ends_at = now() where ends_at is not null and source_id = ${source.id}`;
    expect((await sendSigned(source, provision())).status).toBe(401);
    expect((await sendSigned(rotated, provision())).status).toBe(202);
  });
});

describe("a source", () => {
  test("causes only what its maker may cause, and what its owner is for", async () => {
    const narrow = await edge.addMember("admin", ["webhooks:write"]);
    const make = (body: object, key = edge.adminKey) =>
      post("/api/v1/webhook-sources", { name: "n", ...body }, key);
    expect((await make({ events: ["provision"] }, narrow.key)).json.code).toBe("scope_not_yours");
    expect((await make({ events: ["tool_result"], department_id: a.id }, narrow.key)).json.code).toBe(
      "scope_not_yours",
    );
    expect((await make({ events: ["tool_result"] })).json.code).toBe("events_of_another_owner");
    expect((await make({ events: ["provision"] }, adminOfA)).json.code).toBe("events_of_another_owner");
    expect((await make({ events: ["tool_result"], department_id: b.id }, adminOfA)).status).toBe(404);
    expect((await make({ events: ["format-c"] })).status).toBe(422);
  });

  test("gives its new secret to its owner only, and is seen by its department only", async () => {
    const operator = await edge.addMember("operator", ["webhooks:write", "runs:write"]);
    const ofOperator = await addSource({ events: ["provision"] }, operator.key);
    expect((await post(`/api/v1/webhook-sources/${ofOperator.id}/rotate-secret`)).json.code).toBe(
      "not_yours",
    );
    const ofB = await addSource({ events: ["tool_result"], department_id: b.id });
    for (const { id } of [ofOperator, ofB]) {
      expect((await post(`/api/v1/webhook-sources/${id}/rotate-secret`, {}, adminOfA)).status).toBe(404);
      expect((await edge.call("DELETE", `/api/v1/webhook-sources/${id}`, { key: adminOfA })).status).toBe(
        404,
      );
    }
    const list = await edge.call("GET", "/api/v1/webhook-sources", { key: adminOfA });
    expect(list.json.items.every((item: { department_id: string }) => item.department_id === a.slug)).toBe(
      true,
    );
  });

  test("of a department that is locked is dead, and stays so when the lock is gone", async () => {
    const department = await edge.addDepartment();
    const source = await addSource({ events: ["tool_result"], department_id: department.id });
    expect((await sendSigned(source, toolResult())).status).toBe(200);
    await edge.sql`update federation.department set status = 'suspended', locked_at = now(), locked_by = 'x', lock_reason = 'x'
      where id = ${department.id}`;
    expect((await sendSigned(source, toolResult())).status).toBe(401);
    await edge.sql`update federation.department set status = 'active', locked_at = null, locked_by = null, lock_reason = null
      where id = ${department.id}`;
    expect((await sendSigned(source, toolResult())).status).toBe(401);
  });
});

describe("a tool's result", () => {
  const callOf = async (department: TestDepartment, id: string) =>
    (
      await edge.sql`select status, result, tool from ${edge.sql(department.schemaName)}.tool_call where call_id = ${id}`
    )[0];

  test("goes into the department's own data; the first end counts, in whatever order they come", async () => {
    const source = await addSource({ events: ["tool_result", "sync"] }, adminOfA);
    const done = toolResult({ call_id: "call-1" });
    expect((await sendSigned(source, done)).json).toEqual({ call_id: "call-1", recorded: true });
    const late = toolResult({ call_id: "call-1", status: "FAILED", error: "too late", result: undefined });
    expect((await sendSigned(source, late)).json).toEqual({ call_id: "call-1", recorded: false });
    expect(await callOf(a, "call-1")).toEqual({ status: "COMPLETED", result: { hits: 1 }, tool: "search" });
    expect(await callOf(b, "call-1")).toBeUndefined();
    const [record] =
      await edge.sql`select decision from audit.event where action = 'tool_call.finish' and stream = ${a.id} limit 1`;
    expect(record).toEqual({ decision: "allowed" });
  });

  test("that is sent 64 times at once touches the department's data once", async () => {
    const source = await addSource({ events: ["tool_result"] }, adminOfA);
    const event = toolResult({ tool: "replayed" });
    const id = Bun.randomUUIDv7();
    const at = Date.now();
    const replies = await Promise.all(
      Array.from({ length: 64 }, () => sendSigned(source, event, { id, at })),
    );
    for (const { status, json } of replies) expect([status, json.recorded]).toEqual([200, true]);
    const touched = await edge.sql`
      select from audit.event where stream = ${a.id} and action = 'tool_call.finish' and meta like '%replayed%'`;
    expect(touched.length).toBe(1);
  });

  test("ends a call that was begun", async () => {
    await edge.sql`insert into ${edge.sql(a.schemaName)}.tool_call (call_id, tool, status) values ('begun', 'search', 'EXECUTING')`;
    const source = await addSource({ events: ["tool_result"] }, adminOfA);
    expect((await sendSigned(source, toolResult({ call_id: "begun" }))).json.recorded).toBe(true);
    expect((await callOf(a, "begun"))?.["status"]).toBe("COMPLETED");
  });

  test("is refused for a session that is not there, and when it contradicts itself", async () => {
    const source = await addSource({ events: ["tool_result"] }, adminOfA);
    expect((await sendSigned(source, toolResult({ session_id: Bun.randomUUIDv7() }))).json.code).toBe(
      "unknown_session",
    );
    expect((await sendSigned(source, toolResult({ status: "FAILED" }))).status).toBe(422);
    expect((await sendSigned(source, toolResult({ error: "but it completed" }))).status).toBe(422);
  });

  test("may come with the department's API key in place of a signature", async () => {
    const send = (event: object, key: string, headers = {}) =>
      edge.call("POST", "/api/v1/webhooks/n8n", { key, body: event, headers });
    const event = toolResult({ call_id: "by-key" });
    expect((await send(event, a.key)).json.recorded).toBe(true);
    expect((await send(event, a.key)).json.recorded).toBe(false);
    const id = { "webhook-id": "n8n-1" };
    const first = await send(toolResult({ call_id: "by-key-2" }), a.key, id);
    expect((await send(toolResult({ call_id: "by-key-2" }), a.key, id)).json).toEqual(first.json);
    expect((await send(provision(), a.key)).json.code).toBe("forbidden");
    expect((await send(toolResult(), edge.adminKey)).json.code).toBe("forbidden");
    expect((await send(event, `${a.key}x`)).status).toBe(401);
    expect((await send(toolResult(), a.key, { "webhook-id": "a.b" })).status).toBe(400);
    const denied =
      await edge.sql`select from audit.event where action = 'webhook.provision' and decision = 'denied' and stream = ${a.id}`;
    expect(denied.length).toBe(1);
  });
});

test("a sync is refused as not supported, not swallowed", async () => {
  const source = await addSource({ events: ["sync"], department_id: a.id });
  const reply = await sendSigned(source, { type: "sync", data: { anything: 1 } });
  expect([reply.status, reply.json.code]).toEqual([422, "not_supported"]);
});
