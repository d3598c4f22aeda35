import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import {
  callGateway,
  type Department,
  failureOf,
  isolationWorld,
  type Question,
  type World,
} from "./world.ts";

/** The web process can seal what it likes. Here its code is wrong, and the database has to refuse by itself. */
let world: World;
let a: Department;
let b: Department;
let c: Department;
beforeAll(async () => {
  world = await isolationWorld();
  [a, b, c] = await Promise.all([world.addDepartment(), world.addDepartment(), world.addDepartment()]);
  for (const department of [a, b, c]) {
    await world.addDocument(department, "Budget", "the budget for travel");
    await world.addDocument(department, "Salaries", "the salaries of all");
  }
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.admin`delete from federation.access_grant`;
  await world.admin`delete from federation.rate_limit`;
});

const open = (question: Question) => callGateway(world.gateway, "open", question);
const read = (question: Question) => callGateway(world.gateway, "read", question);
const budget = { query: "budget" };

describe("when a question's second half is not its first half's, it stays unanswered:", () => {
  const bugs: Record<string, (first: Question) => Question> = {
    "another target": ({ requestId }) => seal(a.id, c.id, "search_documents", budget, { requestId }),
    "one's own data as the target": ({ requestId }) =>
      seal(a.id, a.id, "search_documents", budget, { requestId }),
    "another kind": ({ requestId }) => seal(a.id, b.id, "search_contacts", budget, { requestId }),
    "other parameters": ({ requestId }) =>
      seal(a.id, b.id, "search_documents", { query: "salaries" }, { requestId }),
    "another caller": ({ requestId }) => seal(c.id, b.id, "search_documents", budget, { requestId }),
    "another key of the caller": ({ requestId }) =>
      seal(a.id, b.id, "search_documents", budget, { requestId, client: c.id }),
    "another reason": ({ requestId }) =>
      seal(a.id, b.id, "search_documents", budget, { requestId, reason: "curious" }),
    "another requester": ({ requestId }) =>
      seal(a.id, b.id, "search_documents", budget, { requestId, requester: '{"user":"eve"}' }),
    "another request id": () => seal(a.id, b.id, "search_documents", budget, {}),
  };
  for (const [name, bug] of Object.entries(bugs)) {
    test(name, async () => {
      // Every question of the table is permitted by itself: only its record is missing.
      for (const [source, target] of [
        [a, b],
        [a, c],
        [c, b],
      ] as const)
        await world.grant(source, target, "read");
      const first = seal(a.id, b.id, "search_documents", budget, {});
      expect(await open(first)).toMatchObject({ decision: "allowed" });
      const second = bug(first);
      expect(await read(second)).toBeNull();
      expect(await read(first)).toMatchObject({ results: [{ name: "Budget" }] });
      expect(await open(second)).toMatchObject({ decision: "allowed" });
      expect(await read(second)).not.toBeNull();
    });
  }
});

test("a read without its open, after a denied one and after a limited one is not answered", async () => {
  const skipped = seal(a.id, b.id, "search_documents", budget, {});
  const denied = seal(a.id, b.id, "search_documents", budget, {});
  expect(await open(denied)).toMatchObject({ decision: "denied" });
  await world.grant(a, b, "read");
  await world.admin`update federation.rate_policy set hits = 1, window_seconds = 86400 where kind = 'pair'`;
  await open(seal(a.id, b.id, "search_documents", budget, {}));
  const limited = seal(a.id, b.id, "search_documents", budget, {});
  expect(await open(limited)).toMatchObject({ decision: "limited", refused: "pair" });
  await world.admin`update federation.rate_policy set hits = 100, window_seconds = 60 where kind = 'pair'`;
  for (const question of [skipped, denied, limited]) expect(await read(question)).toBeNull();
});

test("an expired seal, and one that claims to live longer than a seal does, is refused", async () => {
  await world.grant(a, b, "read");
  const nowUs = BigInt(Date.now()) * 1000n;
  for (const expiresUs of [nowUs - 1_000_000n, nowUs + 3_600_000_000n]) {
    const question = seal(a.id, b.id, "search_documents", budget, { expiresUs });
    expect(await failureOf(open(question))).toBe("42501");
    expect(await failureOf(read(question))).toBe("42501");
  }
});

test("a grant that ends between the halves takes the answer with it, and so does a target that is locked", async () => {
  const id = await world.grant(a, b, "read");
  const question = seal(a.id, b.id, "search_documents", budget, {});
  expect(await open(question)).toMatchObject({ decision: "allowed" });
  await world.admin`update federation.department set status = 'suspended' where id = ${b.id}`;
  expect(await read(question)).toBeNull();
  await world.admin`update federation.department set status = 'active' where id = ${b.id}`;
  await world.admin`update federation.access_grant set status = 'revoked' where id = ${id}`;
  expect(await read(question)).toBeNull();
});

test("what A may ask B and B may ask C opens nothing of C to A, whoever relays it", async () => {
  await world.grant(a, b, "read");
  await world.grant(b, c, "read");
  const direct = seal(a.id, c.id, "search_documents", budget, {});
  expect(await open(direct)).toMatchObject({ decision: "denied" });
  expect(await read(direct)).toBeNull();
  const ofB = seal(b.id, c.id, "search_documents", budget, {});
  expect(await open(ofB)).toMatchObject({ decision: "allowed" });
  expect(await read(seal(a.id, c.id, "search_documents", budget, { requestId: ofB.requestId }))).toBeNull();
});

test("slugs of the question are those of the living: a name that changed hands leads to the new bearer only with a grant", async () => {
  const [old, young] = await Promise.all([world.addDepartment(), world.addDepartment()]);
  await world.grant(a, old, "read");
  const slug = `x-${old.suffix}`;
  const question = seal(a.id, slug, "search_documents", budget, {});
  expect(await open(question)).toMatchObject({ decision: "allowed" });
  await world.admin`update federation.department set status = 'deprovisioned', deprovisioned_at = now() where id = ${old.id}`;
  await world.admin`update federation.department set slug = ${slug} where id = ${young.id}`;
  await world.addDocument(young, "Budget", "the budget");
  expect(await read(question)).toBeNull();
  await world.grant(a, young, "read");
  expect(await read(question)).toBeNull();
});

/** As the web process would seal it, right or wrong. */
function seal(
  caller: string,
  target: string,
  kind: string,
  params: object,
  parts: Partial<Question>,
): Question {
  return world.sealed(caller, target, kind, params, parts);
}
