import { afterAll, beforeAll, expect, test } from "bun:test";
import { withDepartment } from "../../src/gateway/with-department.ts";
import { withTx } from "../../src/db/tx.ts";
import { type Department, failureOf, isolationWorld, type World } from "./world.ts";

/** What an injection on the gateway's own connection can reach: its login may step into any department's role. */
let world: World;
let a: Department;
let b: Department;

beforeAll(async () => {
  world = await isolationWorld();
  [a, b] = await Promise.all([world.addDepartment(), world.addDepartment()]);
  await world.addDocument(a, "of a");
  await world.addDocument(b, "of b");
});
afterAll(() => world.close());

const tables = () => world.admin<{ name: string }[]>`
  select c.relname as name from pg_class c where c.relnamespace = ${b.schemaName}::regnamespace and c.relkind = 'r'`;

/** Fills every table of B with a row, so that "no rows" means something. */
async function fill() {
  await world.admin.unsafe(`
    insert into ${b.schemaName}.session (id, room, participant) values ('${b.id}', 'r', 'p') on conflict do nothing;
    insert into ${b.schemaName}.local_audit (id, actor, action) values ('${b.id}', 'x', 'a.b') on conflict do nothing;
    insert into ${b.schemaName}.contact (id, source, external_id, name) values ('${b.id}', 's', '1', 'n') on conflict do nothing`);
}

test("as itself the gateway's role is refused every table of every department and every control table", async () => {
  for (const { name } of await tables()) {
    expect(await failureOf(world.gateway.unsafe(`select from ${b.schemaName}.${name}`))).toBe("42501");
  }
  for (const name of [
    "federation.department",
    "federation.access_grant",
    "audit.event",
    "gateway.seal_key",
  ]) {
    expect(await failureOf(world.gateway.unsafe(`select from ${name}`))).toBe("42501");
  }
});

test("in a department's role without its sealed context it sees and changes nothing", async () => {
  await fill();
  const past = world.sealOwnUntil(b.id, BigInt(Date.now() - 1000) * 1000n);
  const forged = `${world.sealOwn(b.id).slice(0, -4)}0000`;
  const later = world.sealOwn(b.id).replace(/^\d+/, (expiry) => String(BigInt(expiry) + 60_000_000n));
  const seals = [
    "",
    b.id,
    "true",
    "9".repeat(18) + "." + "0".repeat(64),
    world.sealOwn(a.id),
    past,
    forged,
    later,
  ];
  for (const seal of [undefined, ...seals]) {
    const context = seal === undefined ? "" : `set local gateway.seal = '${seal}';`;
    for (const { name } of await tables()) {
      const rows = await world.gateway.unsafe(
        `set local role ${b.roleName}; ${context} select * from ${b.schemaName}.${name}`,
      );
      expect(rows.flat().length).toBe(0);
    }
    const change = (text: string) => world.gateway.unsafe(`set local role ${b.roleName}; ${context} ${text}`);
    const insert = `insert into ${b.schemaName}.contact (id, source, external_id, name) values (gen_random_uuid(), 's', 'new', 'x')`;
    expect(await failureOf(change(insert))).toBe("42501");
    await change(`update ${b.schemaName}.document set name = 'changed'`);
    await change(`delete from ${b.schemaName}.document`);
  }
  const rows = await world.admin.unsafe<{ name: string }[]>(`select name from ${b.schemaName}.document`);
  expect([...rows]).toEqual([{ name: "of b" }]);
});

test("a department's sealed context opens that department and no other", async () => {
  const read = (role: Department, place: Department) =>
    withDepartment({ sql: world.gateway, seal: () => world.sealOwn(a.id) }, role, async (tx) => {
      return (await tx`select name from ${tx(place.schemaName)}.document`).map(
        (row) => row["name"] as string,
      );
    });
  expect(await read(a, a)).toEqual(["of a"]);
  expect(await failureOf(read(a, b))).toBe("42501");
  expect(await read(b, b)).toEqual([]);
});

test("after success, failure and a swallowed error the connection is the gateway's again, without a seal", async () => {
  const single = world.open(world.gatewayUrl, 1);
  const access = { sql: single, seal: world.sealOwn };
  const state = async () =>
    (await single`select current_user::text as "user", current_setting('gateway.seal', true) as seal`)[0];
  const clean = { user: "federation_gateway", seal: "" };
  const own = await withDepartment(
    access,
    a,
    async (tx) => (await tx`select current_user::text as "user"`)[0],
  );
  expect(own).toEqual({ user: a.roleName });
  expect(await state()).toEqual(clean);
  expect(await failureOf(withDepartment(access, a, (tx) => tx`select 1 / 0`))).toBe("22012");
  expect(await state()).toEqual(clean);
  expect(
    await failureOf(
      withDepartment(access, a, async () => {
        throw new Error("mine");
      }),
    ),
  ).toContain("mine");
  expect(await state()).toEqual(clean);
  const swallowed = withDepartment(access, a, async (tx) => void (await failureOf(tx`select 1 / 0`)));
  expect(await failureOf(swallowed)).toBe("transaction_aborted");
  expect(await state()).toEqual(clean);
  await single.end({ timeout: 2 });
});

test("when the context cannot be entered, nothing of the work is done", async () => {
  const gone = { ...a, roleName: "d_aaaaaaaaaaaa" };
  let seen: unknown = "nothing";
  const attempt = withDepartment({ sql: world.gateway, seal: world.sealOwn }, gone, async (tx) => {
    seen = await failureOf(tx`insert into ${tx(a.schemaName)}.contact (id, source, external_id, name)
      values (gen_random_uuid(), 's', 'never', 'x')`);
  });
  expect(await failureOf(attempt)).toBe("22023");
  expect(seen).toBe("25P02");
  const injected = { ...a, roleName: `${a.roleName}; reset role` };
  expect(
    await failureOf(withDepartment({ sql: world.gateway, seal: world.sealOwn }, injected, async () => {})),
  ).toBe("internal");
});

test("1,000 interleaved transactions on one connection each see their own department only", async () => {
  const single = world.open(world.gatewayUrl, 1);
  const access = { sql: single, seal: world.sealOwn };
  const names = await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => {
      const department = index % 2 === 0 ? a : b;
      if (index % 7 === 0) {
        return await failureOf(withTx(single, (tx) => tx`select from ${tx(department.schemaName)}.document`));
      }
      if (index % 11 === 0)
        return await failureOf(withDepartment(access, department, (tx) => tx`select 1 / 0`));
      return await withDepartment(access, department, async (tx) => {
        const other = await tx<
          { n: number }[]
        >`select count(*)::int as n from pg_roles where rolname = current_user`;
        const rows = await tx`select name from ${tx(department.schemaName)}.document`;
        return `${other[0]?.n}:${rows.map((row) => String(row["name"])).join()}`;
      });
    }),
  );
  const expected = names.map((_, index) => {
    if (index % 7 === 0) return "42501";
    if (index % 11 === 0) return "22012";
    return index % 2 === 0 ? "1:of a" : "1:of b";
  });
  expect(names).toEqual(expected);
  await single.end({ timeout: 2 });
}, 60_000);
