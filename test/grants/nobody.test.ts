import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { grantInput } from "../../src/grants/grant.ts";
import { requestGrant } from "../../src/grants/request.ts";
import type { Edge, Reply } from "../http/edge.ts";
import { bare, wish, type GrantsWorld, grantsWorld, type Side } from "./world.ts";

let world: GrantsWorld;
let a: Side;
let b: Side;
beforeAll(async () => {
  world = await grantsWorld();
  ({ a, b } = world);
});
afterAll(() => world.edge.close());

describe("a department that does not exist is asked like one that does:", () => {
  const nobody = "nobody-bears-this";
  const masked = (reply: Reply, name: string) =>
    bare(reply)
      .replaceAll(name, "NAME")
      .replaceAll(/"id":"[0-9a-f-]{36}"/g, '"id":"ID"')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.+]+/g, "TIME");

  test("every answer the source can get is the same, and so is its record", async () => {
    const [c, real] = await Promise.all([world.addSide(), world.addSide()]);
    const answers = await Promise.all(
      [real.slug, real.id, nobody, Bun.randomUUIDv7()].map(async (name) => {
        const asked = await world.request(c.admin, name);
        const { id } = asked.json;
        const seen = [
          asked,
          await world.request(c.admin, name),
          await world.show(id, c.admin),
          await world.approve(id, c.admin),
          await world.reject(id, c.admin),
          await world.edge.call("GET", "/api/v1/grants?limit=200", { key: c.admin }),
          await world.revoke(id, c.admin),
          await world.revoke(id, c.admin),
        ];
        const events = await world.edge.sql`select action, actor_kind, decision, reason, meta from audit.event
          where stream = ${c.id} and target = ${id} order by seq`;
        seen[5] = {
          ...seen[5],
          json: seen[5]?.json.items.find((item: { id: string }) => item.id === id),
        } as Reply;
        return [...seen.map((reply) => masked(reply, name)), JSON.stringify(events).replaceAll(name, "NAME")];
      }),
    );
    expect(answers[1]).toEqual(answers[0] ?? []);
    expect(answers[2]).toEqual(answers[0] ?? []);
    expect(answers[3]).toEqual(answers[0] ?? []);
  });

  test("it costs the same statements", async () => {
    const c = await world.addSide();
    const count = async (name: string) => {
      const statements: string[] = [];
      const db = { ...world.edge.deps.db, app: counting(world.edge.deps.db.app, statements) };
      const caller = {
        kind: "member" as const,
        id: c.adminId,
        role: "department_admin" as const,
        departmentId: c.id,
        scopes: new Set<string>(),
      };
      const ctx = { ...world.edge.deps, db, caller, requestId: Bun.randomUUIDv7(), idempotency: undefined };
      await requestGrant(ctx, grantInput.parse(wish(name)));
      return statements.length;
    };
    const [ghost, real] = [await count(nobody), await count(b.slug)];
    expect(real).toBeGreaterThan(5);
    expect(ghost).toBe(real);
  });

  test("nobody else ever sees it, also not who later bears the name, and nothing approves it", async () => {
    const c = await world.addSide();
    const { json: ghost } = await world.request(c.admin, nobody);
    const late = await world.addSide();
    await world.edge.sql`update federation.department set slug = ${nobody} where id = ${late.id}`;
    expect((await world.show(ghost.id, late.admin)).status).toBe(404);
    expect((await world.approve(ghost.id, late.admin)).status).toBe(404);
    await expect(
      world.edge
        .sql`update federation.access_grant set status = 'approved', approved_by = ${late.adminId} where id = ${ghost.id}`.execute(),
    ).rejects.toMatchObject({ constraint_name: "access_grant_nobody_check" });
  });

  test("a second spelling of who was asked already is nobody's, too: the target has one request", async () => {
    const [c, d] = await Promise.all([world.addSide(), world.addSide()]);
    const { json: first } = await world.request(c.admin, d.slug);
    const { json: second } = await world.request(c.admin, d.id);
    expect([second.id === first.id, second.target_department_id]).toEqual([false, d.id]);
    const { json: seen } = await world.edge.call("GET", "/api/v1/grants", { key: d.admin });
    expect(seen.items.map((item: { id: string }) => item.id)).toEqual([first.id]);
    expect((await world.approve(second.id, d.admin)).status).toBe(404);
    await world.approve(first.id, d.admin);
    await world.revoke(first.id, d.admin);
    expect((await world.ask(c, d.slug)).status).toBe(403);
  });

  test("what can be nobody's name is 422, whoever exists", async () => {
    for (const name of ["HR", "a b", "x", "a".repeat(41), "'; --"]) {
      expect((await world.request(a.admin, name)).status).toBe(422);
    }
  });
});

/** A pool that notes the statements of its transactions. */
function counting(sql: Edge["deps"]["db"]["app"], statements: string[]): Edge["deps"]["db"]["app"] {
  return new Proxy(sql, {
    get(target, name) {
      if (name !== "reserve") return Reflect.get(target, name);
      return async () => {
        const reserved = await target.reserve();
        return new Proxy(reserved, {
          apply(called, self, args) {
            if (Array.isArray(args[0]) && "raw" in args[0]) statements.push(String(args[0][0]));
            return Reflect.apply(called, self, args);
          },
        });
      };
    },
  });
}
