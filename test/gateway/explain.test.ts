import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { roleScopes } from "../../src/members/scopes.ts";
import type { TestDepartment } from "../http/edge.ts";
import { bare, type GrantsWorld, grantsWorld, type Side } from "../grants/world.ts";

let world: GrantsWorld;
let a: Side;
let b: Side;
beforeAll(async () => {
  world = await grantsWorld();
  ({ a, b } = world);
});
afterAll(() => world.edge.close());

describe("the decision log", () => {
  const explain = (id: string, key: string) =>
    world.edge.call("GET", `/api/v1/cross-dept/audit-log/${id}`, { key });
  const lastOf = async (source: TestDepartment): Promise<string> => {
    const [event] = await world.edge.sql`select request_id as id from audit.event
      where stream = ${source.id} and action = 'gateway.search_documents' order by seq desc limit 1`;
    return String(event?.["id"]);
  };

  test("tells source, target and auditor why, and is on record itself", async () => {
    const c = await world.addSide();
    await world.ask(c, b.slug);
    const denied = await lastOf(c);
    const { json: grant } = await world.request(c.admin, b.slug);
    await world.approve(grant.id, b.admin);
    const { json: answered } = await world.ask(c, b.slug);
    const auditor = (await world.edge.addMember("auditor", roleScopes.auditor)).key;
    const [source, target, platform] = await Promise.all(
      [c.admin, b.admin, auditor].map((key) => explain(answered.query_id, key)),
    );
    const common = {
      decision: "allowed",
      why: "grant",
      grant_id: grant.id,
      query_type: "search_documents",
      reason: "a test asks",
      source_department_id: c.slug,
      target_department_id: b.slug,
      requester_context: { session_id: "s-1" },
      params_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    };
    expect(source?.json.events).toEqual([
      expect.objectContaining({ ...common, asked_by: expect.any(String) }),
    ]);
    expect(target?.json.events).toEqual([expect.objectContaining({ ...common, asked_by: null })]);
    expect(platform?.json.events).toEqual(source?.json.events);
    expect(source?.text).not.toContain("budget");
    expect((await explain(denied, c.admin)).json.events).toMatchObject([
      { decision: "denied", why: "no_grant", target_department_id: null },
    ]);
    const looks = await world.edge.sql`select stream from audit.event
      where action = 'gateway.explain' and target = ${answered.query_id}`;
    expect(looks.map(({ stream }) => stream as string).toSorted()).toEqual(
      [c.id, b.id, "00000000-0000-0000-0000-000000000000"].toSorted(),
    );
  });

  test("is 404 for everybody else, as for a question that never was", async () => {
    const c = await world.addSide();
    await world.ask(c, b.slug);
    const id = await lastOf(c);
    const replies = await Promise.all([id, Bun.randomUUIDv7(), "1"].map((one) => explain(one, a.admin)));
    expect(replies[0]?.status).toBe(404);
    expect(new Set(replies.map(bare)).size).toBe(1);
    expect((await explain(id, world.operator)).status).toBe(403);
  });

  test("does not tell the source whether the department it asked for exists", async () => {
    const c = await world.addSide();
    const told = [];
    for (const name of [b.slug, b.id, "nobody-bears-that", Bun.randomUUIDv7()]) {
      await world.ask(c, name);
      const { status, json } = await explain(await lastOf(c), c.admin);
      told.push(JSON.stringify([status, { ...json.events[0], at: "" }]));
    }
    expect(new Set(told).size).toBe(1);
  });
});
