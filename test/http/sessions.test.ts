import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
});
afterAll(() => edge.close());

const put = (collection: string, items: object[], department = a) =>
  edge.call("PUT", `/api/v1/departments/${department.slug}/${collection}`, {
    key: department.key,
    body: { items },
  });
const get = (tail: string, department = a) =>
  edge.call("GET", `/api/v1/departments/${department.slug}/${tail}`, { key: department.key });
const counts = (inserted: number, updated: number) => ({ inserted, updated });

const at = (second: number) => `2030-01-01T10:00:${String(second).padStart(2, "0")}+00:00`;
const sessionOf = (more: object = {}) => ({
  id: Bun.randomUUIDv7(),
  room: "lobby",
  participant: "ann",
  ...more,
});
async function openSession(more: object = {}, department = a): Promise<string> {
  const session = sessionOf(more);
  expect((await put("sessions", [session], department)).json).toEqual(counts(1, 0));
  return session.id;
}
const read = async (id: string, department = a) => (await get(`sessions/${id}`, department)).json;
const callOf = async (id: string, callId: string) =>
  (await read(id)).tool_calls.find((call: { call_id: string }) => call.call_id === callId);

describe("a session", () => {
  test("sent again changes nothing, and says so", async () => {
    const session = sessionOf({ channel: "phone", started_at: at(1) });
    expect((await put("sessions", [session])).json).toEqual(counts(1, 0));
    const before = await read(session.id);
    expect((await put("sessions", [session])).json).toEqual(counts(0, 0));
    expect(await read(session.id)).toEqual(before);
  });

  test("ends once: another end, and a start that comes late, leave the first end", async () => {
    const session = sessionOf({ started_at: at(5) });
    const end = (second: number, end_reason: string) => ({ ...session, ended_at: at(second), end_reason });
    expect((await put("sessions", [session, sessionOf()])).json).toEqual(counts(2, 0));
    expect((await put("sessions", [end(20, "hung_up")])).json).toEqual(counts(0, 1));
    expect((await put("sessions", [end(40, "timeout")])).json).toEqual(counts(0, 0));
    expect((await put("sessions", [session])).json).toEqual(counts(0, 0));
    expect(await read(session.id)).toMatchObject({ ended_at: at(20), end_reason: "hung_up" });
  });

  test("begins at the earliest time that was said, and never after its end", async () => {
    const id = await openSession({ started_at: at(30) });
    await put("sessions", [sessionOf({ id, started_at: at(10) })]);
    await put("sessions", [sessionOf({ id, started_at: at(50) })]);
    expect(await read(id)).toMatchObject({ started_at: at(10), ended_at: null });
    await put("sessions", [sessionOf({ id, ended_at: at(5) })]);
    expect(await read(id)).toMatchObject({ started_at: at(5), ended_at: at(5) });
    const past = await openSession({ ended_at: "2001-01-01T00:00:00+00:00" });
    expect((await read(past)).started_at).toBe("2001-01-01T00:00:00+00:00");
  });

  test("keeps what a later message leaves out", async () => {
    const id = await openSession({ channel: "phone" });
    expect((await put("sessions", [sessionOf({ id, participant: "bob" })])).json).toEqual(counts(0, 1));
    expect(await read(id)).toMatchObject({ channel: "phone", participant: "bob", room: "lobby" });
  });

  test("that a context opened takes what is said of it later", async () => {
    const id = Bun.randomUUIDv7();
    const path = `/api/v1/departments/${a.slug}/context?session_id=${id}&type=user&key=mood`;
    await edge.call("PUT", path, { key: a.key, body: { value: "good" } });
    await put("sessions", [sessionOf({ id, channel: "voice" })]);
    expect(await read(id)).toMatchObject({ room: "lobby", participant: "ann", channel: "voice" });
  });

  test("sent by many at once is stored once and ends once", async () => {
    const sessions = Array.from({ length: 30 }, () => sessionOf({ started_at: at(1) }));
    const ended = (reason: string) =>
      sessions.map((one) => ({ ...one, ended_at: at(9), end_reason: reason }));
    const batches = Array.from({ length: 12 }, (_, index) =>
      index % 2 === 0 ? ended(`r${index}`) : sessions.toReversed(),
    );
    const replies = await Promise.all(batches.map((batch) => put("sessions", batch)));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(replies.reduce((sum, { json }) => sum + json.inserted, 0)).toBe(30);
    const [first] = await Promise.all(sessions.map(({ id }) => read(id)));
    const again = await put("sessions", ended("late"));
    expect([again.json, await read(first.id)]).toEqual([counts(0, 0), first]);
  });

  test("is refused when it contradicts itself", async () => {
    const refused = [
      [{ started_at: at(9), ended_at: at(1) }, "items.0.ended_at"],
      [{ end_reason: "hung_up" }, "items.0.end_reason"],
      [{ id: "00000000-0000-0000-0000-000000000000" }, "items.0.id"],
      [{ channel: "smoke" }, "items.0.channel"],
    ] as const;
    for (const [more, path] of refused) {
      const { status, json } = await put("sessions", [sessionOf(more)]);
      expect([path, status, json.errors[0].path]).toEqual([path, 422, path]);
    }
    const twice = sessionOf();
    expect((await put("sessions", [twice, { ...twice, id: twice.id.toUpperCase() }])).status).toBe(422);
  });
});

describe("messages", () => {
  test("sent again change nothing; what is said anew replaces, what is left out stays", async () => {
    const session_id = await openSession();
    const message = { id: Bun.randomUUIDv7(), session_id, role: "user", text: "hel", tokens: 3 };
    expect((await put("messages", [message])).json).toEqual(counts(1, 0));
    const [stored] = (await read(session_id)).messages;
    expect((await put("messages", [message])).json).toEqual(counts(0, 0));
    const { tokens: _, ...rest } = message;
    expect((await put("messages", [{ ...rest, text: "hello", latency_ms: 7 }])).json).toEqual(counts(0, 1));
    expect((await read(session_id)).messages).toEqual([{ ...stored, text: "hello", latency_ms: 7 }]);
  });

  test("500 are taken in one call, 501 are refused", async () => {
    const session_id = await openSession();
    const many = (count: number) =>
      Array.from({ length: count }, () => ({
        id: Bun.randomUUIDv7(),
        session_id,
        role: "user",
        text: "t",
        tokens: 1,
        latency_ms: 1,
        created_at: at(1),
      }));
    expect((await put("messages", many(500))).json).toEqual(counts(500, 0));
    expect((await put("messages", many(501))).status).toBe(422);
  });

  test("of a session that is not there are refused whole, with the path of each", async () => {
    const [known, theirs] = [await openSession(), await openSession({}, b)];
    const message = (session_id: string) => ({ id: Bun.randomUUIDv7(), session_id, role: "user", text: "t" });
    const sent = [message(known), message(Bun.randomUUIDv7()), message(theirs)];
    const { status, json } = await put("messages", sent);
    expect([status, json.code]).toEqual([422, "unknown_session"]);
    expect(json.errors.map((error: { path: string }) => error.path)).toEqual([
      "items.1.session_id",
      "items.2.session_id",
    ]);
    expect((await read(known)).messages).toEqual([]);
  });
});

describe("a call of a tool", () => {
  const call = (more: object) => ({ call_id: crypto.randomUUID(), tool: "search", ...more });

  test("is begun, then ends; the first end counts, and nothing begins it again", async () => {
    const session_id = await openSession();
    const begun = call({ session_id, status: "EXECUTING", parameters: { query: "x", deep: [null] } });
    const ended = (status: string, more: object) => ({ ...begun, status, ...more });
    expect((await put("tool-calls", [begun])).json).toEqual(counts(1, 0));
    expect((await put("tool-calls", [begun])).json).toEqual(counts(0, 0));
    const result = { found: [1, null, { n: "ä" }] };
    expect((await put("tool-calls", [ended("COMPLETED", { result, duration_ms: 5 })])).json).toEqual(
      counts(0, 1),
    );
    const before = await callOf(session_id, begun.call_id);
    expect(before).toMatchObject({ status: "COMPLETED", result, parameters: { query: "x", deep: [null] } });
    for (const late of [begun, ended("FAILED", { error: "late" }), ended("CANCELLED", {})])
      expect((await put("tool-calls", [late])).json).toEqual(counts(0, 0));
    expect(await callOf(session_id, begun.call_id)).toEqual(before);
  });

  test("may be known by its end only, and needs no session", async () => {
    const ended = call({ status: "FAILED", error: "no luck" });
    expect((await put("tool-calls", [ended, call({ status: "CANCELLED" })])).json).toEqual(counts(2, 0));
    expect((await put("tool-calls", [{ ...ended, status: "COMPLETED", error: undefined }])).json).toEqual(
      counts(0, 0),
    );
  });

  test("is refused for an unknown session by the item's path, and when it contradicts itself", async () => {
    const unknown = await put("tool-calls", [
      call({ status: "EXECUTING" }),
      call({ status: "EXECUTING", session_id: Bun.randomUUIDv7() }),
    ]);
    expect([unknown.status, unknown.json.code, unknown.json.errors]).toEqual([
      422,
      "unknown_session",
      [{ path: "items.1.session_id", message: "is not known" }],
    ]);
    for (const more of [
      { status: "FAILED" },
      { status: "COMPLETED", error: "but it did" },
      { status: "EXECUTING", result: 1 },
    ])
      expect((await put("tool-calls", [call(more)])).status).toBe(422);
  });
});

describe("reading", () => {
  test("sessions come newest first, a page at a time, each once, without the place of what belongs to none", async () => {
    const department = await edge.addDepartment();
    const items = Array.from({ length: 5 }, (_, index) => sessionOf({ started_at: at(index < 3 ? 7 : 1) }));
    await put("sessions", items, department);
    const none = `/api/v1/departments/${department.slug}/context?type=t&key=k`;
    await edge.call("PUT", none, { key: department.key, body: { value: 1 } });
    const seen: { id: string; started_at: string }[] = [];
    for (let query = "limit=2"; query !== "";) {
      const { json } = await get(`sessions?${query}`, department);
      seen.push(...json.items);
      query = json.next_cursor === null ? "" : `limit=2&cursor=${json.next_cursor}`;
    }
    expect(seen.map(({ id }) => id).toSorted()).toEqual(items.map(({ id }) => id).toSorted());
    const keys = seen.map(({ id, started_at }) => `${started_at} ${id}`);
    expect(keys).toEqual(keys.toSorted().toReversed());
    expect((await get("sessions?cursor=nonsense", department)).json.code).toBe("bad_cursor");
  });

  test("a session shows what was said and done in order, and of too much the last", async () => {
    const session_id = await openSession();
    const rows = Array.from({ length: 1002 }, (_, index) => index);
    await edge.sql`
      insert into ${edge.sql(a.schemaName)}.message (id, session_id, role, text, created_at)
      select gen_random_uuid(), ${session_id}, 'user', n::text, to_timestamp(n)
      from unnest(${rows}::int[]) as n`;
    const { messages, truncated, tool_calls } = await read(session_id);
    expect([messages.length, messages[0].text, messages.at(-1).text]).toEqual([1000, "2", "1001"]);
    expect([truncated, tool_calls]).toEqual([true, []]);
    expect((await read(await openSession())).truncated).toBe(false);
  });

  test("another department's session is the same 404 as one that never was", async () => {
    const theirs = await openSession({}, b);
    const bare = ({ status, json }: { status: number; json: object }) => [
      status,
      { ...json, request_id: "" },
    ];
    const missing = bare(await get(`sessions/${Bun.randomUUIDv7()}`));
    expect([missing[0], bare(await get(`sessions/${theirs}`))]).toEqual([404, missing]);
  });

  test("a conversation is nothing for operators and auditors", async () => {
    const id = await openSession();
    for (const tail of ["sessions", `sessions/${id}`]) {
      const reply = await edge.call("GET", `/api/v1/departments/${a.slug}/${tail}`, { key: edge.adminKey });
      expect([reply.status, reply.json.code]).toEqual([403, "not_a_department"]);
    }
  });
});

test("each call is on record before it happens, with counts and without what was said", async () => {
  const session = sessionOf({ participant: "very-secret-name" });
  const message = { id: Bun.randomUUIDv7(), session_id: session.id, role: "user", text: "very secret words" };
  const call = { call_id: "rec", tool: "search", status: "EXECUTING", parameters: { query: "very secret" } };
  const replies = [
    await put("sessions", [session]),
    await put("messages", [message]),
    await put("tool-calls", [call]),
    await get("sessions?limit=1"),
    await get(`sessions/${session.id}`),
    await put("messages", [{ ...message, session_id: Bun.randomUUIDv7() }]),
  ];
  const ids = replies.map(({ headers }) => headers.get("x-request-id"));
  const events = await edge.sql`
    select stream, action, decision, meta from audit.event where request_id = any(${ids}) order by seq`;
  const event = (action: string, meta: object, decision = "allowed") => ({
    stream: a.id,
    action,
    decision,
    meta: JSON.stringify(meta),
  });
  expect([...events]).toEqual([
    event("session.upsert", { items: 1 }),
    event("message.upsert", { items: 1 }),
    event("tool_call.upsert", { items: 1 }),
    event("session.list", { limit: 1 }),
    event("session.read", { session: session.id }),
    event("message.upsert", { items: 1 }),
    event("message.upsert", { items: 1 }, "failed"),
  ]);
});

test("what is put lands in the own schema and nowhere else", async () => {
  const session_id = await openSession({ room: "only-a" });
  await put("messages", [{ id: Bun.randomUUIDv7(), session_id, role: "assistant", text: "t" }]);
  const [other] = await edge.sql`
    select (select count(*) from ${edge.sql(b.schemaName)}.session where room = 'only-a')
      + (select count(*) from ${edge.sql(b.schemaName)}.message where session_id = ${session_id}) as n`;
  expect(Number(other?.["n"])).toBe(0);
});
