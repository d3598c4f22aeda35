import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import {
  callGateway,
  callOf,
  type Department,
  failureOf,
  isolationWorld,
  type Question,
  type World,
} from "./world.ts";

let world: World;
let a: Department;
let b: Department;
let c: Department;
let documentId: string;

beforeAll(async () => {
  world = await isolationWorld();
  [a, b, c] = await Promise.all([world.addDepartment(), world.addDepartment(), world.addDepartment()]);
  documentId = await world.addDocument(b, "Budget of b", "the budget for travel");
  await world.addDocument(a, "Budget of a", "the budget for paint");
});
afterAll(() => world.close());

beforeEach(async () => {
  await world.admin`delete from federation.access_grant`;
  await world.admin`delete from federation.rate_limit`;
});

const search = (over: Partial<Question> = {}) =>
  world.question(a.id, b.id, "search_documents", { query: "budget" }, over);
const open = async (question: Question) =>
  ((await callGateway(world.gateway, "open", question)) as { decision: string }).decision;
const read = (question: Question) => callGateway(world.gateway, "read", question);

async function ask(question: Question): Promise<[string, unknown]> {
  return [await open(question), await read(question)];
}

test("without a grant a question is denied, on record and unanswered; with one it is answered", async () => {
  const denied = search();
  expect(await ask(denied)).toEqual(["denied", null]);
  await world.grant(a, b, "search", "documents");
  const allowed = search();
  const [decision, answer] = await ask(allowed);
  expect(decision).toBe("allowed");
  expect(answer).toMatchObject({ results: [{ name: "Budget of b" }], truncated: false });
  const events = await world.admin`select action, target, decision from audit.event
    where request_id in (${denied.requestId}, ${allowed.requestId}) order by seq`;
  expect([...events]).toEqual([
    { action: "gateway.search_documents", target: b.id, decision: "denied" },
    { action: "gateway.search_documents", target: b.id, decision: "allowed" },
  ]);
  expect(await read(denied)).toBeNull();
});

test("a question to oneself needs no grant and is on record too", async () => {
  const own = world.question(a.id, a.id, "search_documents", { query: "budget" });
  expect(await ask(own)).toMatchObject(["allowed", { results: [{ name: "Budget of a" }] }]);
  expect(await world.admin`select from audit.event where request_id = ${own.requestId}`).toHaveLength(1);
});

test("an unknown target and a missing grant give the same answer", async () => {
  const unknown = world.question(a.id, Bun.randomUUIDv7(), "search_documents", { query: "x" });
  const shape = async (question: Question) => {
    const { limits, ...opened } = (await callGateway(world.gateway, "open", question)) as {
      limits: object[];
    };
    return { ...opened, limits: limits.map((limit) => Object.keys(limit)) };
  };
  expect(await shape(unknown)).toEqual(await shape(search()));
  expect(await read(unknown)).toBeNull();
});

test("no part of a sealed call can be changed, and a call does not live beyond its ten seconds", async () => {
  await world.grant(a, b, "read");
  const good = search();
  const changes: Partial<Question>[] = [
    { caller: c.id },
    { client: c.id },
    { target: c.id },
    { target: a.id },
    { kind: "search_contacts" },
    { kind: "pg_sleep" },
    { kind: "" },
    { params: '{"query":"travel"}' },
    { params: '{"query": "budget"}' },
    { reason: "other" },
    { requester: '{"user":"someone else"}' },
    { requestId: Bun.randomUUIDv7() },
    { expiresUs: good.expiresUs + 1n },
    { seal: Buffer.alloc(32) },
    { seal: Buffer.alloc(0) },
  ];
  for (const change of changes) {
    expect(await failureOf(callGateway(world.gateway, "open", { ...good, ...change }))).toBe("42501");
    expect(await failureOf(callGateway(world.gateway, "read", { ...good, ...change }))).toBe("42501");
  }
  expect(await open(good)).toBe("allowed");
  await world.admin`update gateway.seal_key set not_after = clock_timestamp() where id = 100`;
  expect(await failureOf(callGateway(world.gateway, "read", good))).toBe("42501");
  await world.admin`update gateway.seal_key set not_after = 'infinity' where id = 100`;
  expect(await read(good)).not.toBeNull();
});

test("no byte leaves before the permission is committed: not in the same transaction, not without it", async () => {
  await world.grant(a, b, "read");
  const unopened = search();
  expect(await read(unopened)).toBeNull();
  const together = search();
  const answer = await withTx(world.gateway, async (tx) => {
    await tx`select gateway.open(${callOf(tx, together)}, ${together.seal})`;
    const [row] = await tx`select gateway.read(${callOf(tx, together)}, ${together.seal}) as answer`;
    return row?.["answer"] as unknown;
  });
  expect(answer).toBeNull();
  expect(await read(together)).not.toBeNull();
});

test("an old snapshot cannot bring back a revoked grant", async () => {
  await world.grant(a, b, "read");
  const question = search();
  for (const isolation of ["repeatable read", "serializable"] as const) {
    const attempt = withTx(
      world.gateway,
      (tx) => tx`select gateway.open(${callOf(tx, question)}, ${question.seal})`,
      { isolation },
    );
    expect(await failureOf(attempt)).toBe("42501");
  }
});

test("a revoked, expired or unapproved grant stops the answer even after the question was allowed", async () => {
  const id = await world.grant(a, b, "read");
  const question = search();
  expect(await open(question)).toBe("allowed");
  for (const change of [
    "status = 'revoked'",
    "status = 'requested'",
    "status = 'approved', expires_at = clock_timestamp()",
  ]) {
    await world.admin.unsafe(`update federation.access_grant set ${change} where id = '${id}'`);
    expect(await read(question)).toBeNull();
    expect(await open(search())).toBe("denied");
  }
});

test("grants are not transitive and have one direction", async () => {
  await world.grant(a, c, "read");
  await world.grant(c, b, "read");
  expect(await open(search())).toBe("denied");
  expect(await open(world.question(c.id, a.id, "search_documents", { query: "x" }))).toBe("denied");
});

test("only a running target and a running source take part", async () => {
  await world.grant(a, b, "read");
  const allowed = ["active", "degraded"];
  for (const status of ["active", "degraded", "provisioning", "suspended", "deprovisioning", "failed"]) {
    for (const id of [a.id, b.id]) {
      await world.admin`update federation.department set status = ${status} where id = ${id}`;
      expect([status, await open(search())]).toEqual([
        status,
        allowed.includes(status) ? "allowed" : "denied",
      ]);
      await world.admin`update federation.department set status = 'active' where id = ${id}`;
    }
  }
});

test("each permission opens the kinds that docs/decisions/0004 lists and no others", async () => {
  const kinds: [string, string, string[]][] = [
    ["search_documents", "documents", ["search", "read"]],
    ["get_document", "documents", ["read"]],
    ["search_contacts", "contacts", ["search", "read"]],
    ["get_contact", "contacts", ["read"]],
    ["search_emails", "emails", ["search", "read"]],
    ["list_events", "calendar", ["search", "read"]],
    ["aggregate_documents", "documents", ["aggregate"]],
    ["aggregate_activity", "*", ["aggregate"]],
  ];
  const params = { query: "budget", id: documentId };
  for (const permission of ["read", "search", "aggregate"]) {
    for (const granted of ["documents", "contacts", "emails", "calendar", "*"]) {
      await world.admin`delete from federation.access_grant`;
      await world.admin`delete from federation.rate_limit`;
      await world.grant(a, b, permission, granted);
      for (const [kind, resource, permissions] of kinds) {
        const [decision, answer] = await ask(world.question(a.id, b.id, kind, params));
        const expected = permissions.includes(permission) && (granted === "*" || granted === resource);
        expect([kind, permission, granted, decision]).toEqual([
          kind,
          permission,
          granted,
          expected ? "allowed" : "denied",
        ]);
        expect(answer === null).toBe(!expected);
      }
    }
  }
});

test("of 60 questions at once exactly as many pass as the limit says, and of the rest the 1st and 10th are on record", async () => {
  await world.admin`update federation.department set query_limit = 25, query_window_seconds = 86400 where id = ${c.id}`;
  const questions = Array.from({ length: 60 }, () => world.question(c.id, c.id, "list_events", {}));
  const decisions = await Promise.all(questions.map(open));
  expect(decisions.filter((decision) => decision === "allowed")).toHaveLength(25);
  expect(decisions.filter((decision) => decision === "limited")).toHaveLength(35);
  const ids = questions.map(({ requestId }) => requestId);
  const recorded = await world.admin`
    select meta::jsonb -> 'refusals' as refusals, meta::jsonb ->> 'limit' as limit from audit.event
    where request_id = any(${ids}) and decision = 'limited' order by seq`;
  expect([...recorded]).toEqual([
    { refusals: 1, limit: "department" },
    { refusals: 10, limit: "department" },
  ]);
});

test("what a question asks for is a value, whatever it says", async () => {
  await world.grant(a, b, "read");
  const evil = [
    "'; drop table x; --",
    "{{schema}}",
    "$1",
    "\\'); select 1",
    "a & | ! ( :* <->",
    "\u0001",
    "%s %I %L",
    "' or 1=1",
  ];
  for (const query of evil) {
    const [decision, answer] = await ask(
      world.question(a.id, b.id, "search_documents", { query, folder: query, source: query }),
    );
    expect(decision).toBe("allowed");
    expect(answer).toEqual({ results: [], truncated: false });
  }
});

test("the gateway's login can call open and read and none of the parts", async () => {
  for (const call of [
    `sealed('', '')`,
    `find_place('${a.id}', '${b.id}', 'x')`,
    `find_target('hr')`,
    `limits_of(null, null)`,
    `check_call(null, '')`,
  ]) {
    expect(await failureOf(world.gateway.unsafe(`select gateway.${call}`))).toBe("42501");
  }
  expect(await failureOf(callGateway(world.app, "open", search()))).toBe("42501");
});
