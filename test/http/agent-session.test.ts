// Tokens are read with LiveKit's own server SDK, as LiveKit would.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { RoomConfiguration, TokenVerifier } from "livekit-server-sdk";
import { departmentScopes, roleScopes } from "../../src/members/scopes.ts";
import { livekitEnvironment } from "../helpers/livekit-environment.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
beforeAll(async () => {
  edge = await testEdge({ environment: livekitEnvironment });
  [a, b] = await Promise.all([addDepartment(), addDepartment()]);
});
afterAll(() => edge.close());

/** With a key that holds all a department's machine may hold. */
async function addDepartment(status = "active", at = edge): Promise<TestDepartment> {
  const department = await at.addDepartment({ status });
  await at.sql`
    update federation.api_client set scopes = ${[...departmentScopes]} where key_id = ${department.keyId}`;
  return department;
}

const verifier = new TokenVerifier(livekitEnvironment.LIVEKIT_API_KEY, livekitEnvironment.LIVEKIT_API_SECRET);
const open = (body: object, department = a, key = department.key, headers = {}, at = edge) =>
  at.call("POST", `/api/v1/agents/${department.slug}/session`, { key, body, headers });
const agentNameOf = (department: TestDepartment) =>
  `dept-${department.slug}-${department.schemaName.replace("t_", "")}`;

test("the token is for one person in exactly this room, and joining it calls this department's agent", async () => {
  const before = Math.floor(Date.now() / 1000);
  const { status, json, headers } = await open({ participant: "ann@example.org", ttl_seconds: 60 });
  expect([status, headers.get("cache-control")]).toEqual([201, "no-store"]);
  expect(json).toMatchObject({ url: "ws://127.0.0.1:1", agent_name: agentNameOf(a) });
  expect(json.room).toStartWith(`${agentNameOf(a)}.`);
  const { exp = 0, nbf = 0, iss, sub, ...claims } = await verifier.verify(json.token);
  expect([iss, sub]).toEqual([livekitEnvironment.LIVEKIT_API_KEY, "ann@example.org"]);
  expect(claims.video).toEqual({
    roomJoin: true,
    room: json.room,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
  });
  const { agents } = RoomConfiguration.fromJson(JSON.parse(JSON.stringify(claims.roomConfig)));
  expect(agents.map(({ agentName, metadata }) => ({ agentName, metadata }))).toEqual([
    { agentName: agentNameOf(a), metadata: a.id },
  ]);
  expect([exp - nbf, nbf >= before, new Date(exp * 1000).toISOString()]).toEqual([60, true, json.expires_at]);
  expect(Object.keys(claims).toSorted()).toEqual(["roomConfig", "video"]);
});

test("a token is for ten minutes unless said otherwise, and a room of its own each time", async () => {
  const [first, second] = [await open({ participant: "ann" }), await open({ participant: "ann" })];
  const { exp = 0, nbf = 0 } = await verifier.verify(first.json.token);
  expect([exp - nbf, first.json.room === second.json.room]).toEqual([600, false]);
});

test("a room that is named is the department's own, whoever else has one of that name", async () => {
  const [mine, theirs] = [
    await open({ participant: "ann", room: "lobby" }),
    await open({ participant: "bob", room: "lobby" }, b),
  ];
  expect([mine.json.room, theirs.json.room]).toEqual([`${agentNameOf(a)}.lobby`, `${agentNameOf(b)}.lobby`]);
  const joined = await open({ participant: "cid", room: mine.json.room });
  expect(joined.json.room).toBe(mine.json.room);
  const stolen = await open({ participant: "eve", room: theirs.json.room });
  const madeUp = await open({ participant: "eve", room: "dept-nobody-aaaaaaaaaaaa.lobby" });
  for (const { status, json } of [stolen, madeUp])
    expect([status, json.code, json.errors[0].path]).toEqual([422, "unknown_room", "room"]);
  expect({ ...stolen.json, request_id: "" }).toEqual({ ...madeUp.json, request_id: "" });
});

test("names that are none are refused", async () => {
  const participants = [
    "",
    "agent-AJ_1",
    "Agent-x",
    " ann",
    "ann\n",
    "a/b",
    "ä",
    "a\u202eb",
    '"};',
    "a".repeat(101),
  ];
  const rooms = ["", ".", "a.", ".a", "a.b.c", "a b", "../x", "lobby\n", "*", "ä", "-a", "a".repeat(64)];
  for (const participant of participants) {
    const { status, json } = await open({ participant });
    expect([participant, status, json.errors[0].path]).toEqual([participant, 422, "participant"]);
  }
  for (const room of rooms) {
    const { status, json } = await open({ participant: "ann", room });
    expect([room, status, json.errors[0].path]).toEqual([room, 422, "room"]);
  }
  for (const ttl_seconds of [59, 3601, 60.5, "60"])
    expect((await open({ participant: "ann", ttl_seconds })).status).toBe(422);
});

test("another department is the same 404 as none, also for a department's admin", async () => {
  const { key } = await edge.addMember("department_admin", roleScopes.department_admin, a.id);
  const unknown = { ...b, slug: "nobody-bears-this" };
  for (const caller of [a.key, key]) {
    const [theirs, none] = [
      await open({ participant: "ann" }, b, caller),
      await open({ participant: "ann" }, unknown, caller),
    ];
    expect([theirs.status, { ...theirs.json, request_id: "" }]).toEqual([
      404,
      { ...none.json, request_id: "" },
    ]);
  }
  expect((await open({ participant: "ann" }, a, key)).status).toBe(201);
});

test("operators may open a session; the agent's own key and an auditor may not", async () => {
  const operator = await edge.addMember("operator", roleScopes.operator);
  expect((await open({ participant: "op" }, a, operator.key)).status).toBe(201);
  const [auditor, agent] = [await edge.addMember("auditor", ["sessions:write"]), await edge.addDepartment()];
  expect((await open({ participant: "au" }, a, auditor.key)).json.code).toBe("insufficient_scope");
  expect((await open({ participant: "ag" }, agent)).json.code).toBe("insufficient_scope");
});

test("a department that is not active opens nothing", async () => {
  const asleep = await addDepartment("suspended");
  const { status, json } = await open({ participant: "ann" }, asleep);
  expect([status, json.code]).toEqual([409, "department_not_ready"]);
});

test("without LiveKit there is no session, and the answer does not ask to try again", async () => {
  const bare = await testEdge();
  try {
    const department = await addDepartment("active", bare);
    const { status, json, headers } = await open(
      { participant: "ann" },
      department,
      department.key,
      {},
      bare,
    );
    expect([status, json.code, headers.get("retry-after")]).toEqual([503, "voice_not_configured", null]);
  } finally {
    await bare.close();
  }
});

test("a repetition by Idempotency-Key is refused, because what was answered is a secret", async () => {
  const headers = { "idempotency-key": "session-1" };
  const first = await open({ participant: "ann" }, a, a.key, headers);
  const again = await open({ participant: "ann" }, a, a.key, headers);
  expect([first.status, again.status, again.json.code]).toEqual([201, 409, "idempotency_secret"]);
});

test("who got into which room is on record; the token is in the answer and nowhere else", async () => {
  const { json, headers } = await open({ participant: "ann" }, a, a.key, { "idempotency-key": "session-2" });
  const events = await edge.sql`
    select stream, action, target, decision, meta from audit.event where request_id = ${headers.get("x-request-id")}`;
  expect([...events]).toEqual([
    {
      stream: a.id,
      action: "session.open",
      target: json.room,
      decision: "done",
      meta: JSON.stringify({ participant: "ann", expires_at: json.expires_at }),
    },
  ]);
  const kept = await edge.sql`
    select to_jsonb(e)::text as text from audit.event e union all select to_jsonb(k)::text from federation.idempotency_key k`;
  const everything = [...edge.lines, ...kept.map(({ text }) => String(text))].join("\n");
  const signature = String(json.token.split(".")[2]);
  expect(everything).toContain("session.open");
  for (const secret of [signature, livekitEnvironment.LIVEKIT_API_SECRET])
    expect(everything).not.toContain(secret);
});
