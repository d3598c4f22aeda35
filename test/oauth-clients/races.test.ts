import { afterAll, beforeAll, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import { leaseClient } from "../../src/oauth-clients/lease.ts";
import { tellWhenLow } from "../../src/oauth-clients/tell-when-low.ts";
import { type ConsentWorld, consentWorld } from "../credentials/consent-world.ts";

let world: ConsentWorld;
beforeAll(async () => {
  world = await consentWorld();
});
afterAll(() => world.close());

const means = () => ({ sql: world.edge.deps.db.app, log: world.edge.deps.log });
const lowEvents = async () => {
  const rows = await world.edge.sql`select data from federation.webhook_event where type = 'oauth_pool.low'`;
  return rows.map((row) => row["data"]);
};
const warnings = () =>
  world.edge.lines.filter((line) => line.includes("pool of OAuth clients is low")).length;
const emptyPool = async () => {
  await world.edge
    .sql`update federation.oauth_client set status = 'retired', secret_sealed = null where status = 'free'`;
  await world.edge.sql`delete from federation.webhook_event`;
};
const clientsOf = (department: { id: string }) =>
  world.edge.sql`select id from federation.oauth_client where department_id = ${department.id}`;

test("of 100 departments that lease at once from 60 clients exactly 60 get one each, and the low pool is told once", async () => {
  await Promise.all(Array.from({ length: 60 }, () => world.addClient()));
  const departments = await Promise.all(Array.from({ length: 100 }, () => world.edge.addDepartment()));
  const leases = await Promise.all(
    departments.map(async ({ id }) => {
      const leased = await withTx(means().sql, (tx) => leaseClient(tx, id));
      await tellWhenLow(means());
      return leased;
    }),
  );
  const got = leases.flatMap((lease) => (lease ? [lease.id] : []));
  expect([got.length, new Set(got).size]).toEqual([60, 60]);
  expect((await lowEvents()).length).toBe(1);
  expect(warnings()).toBe(1);
});

test("the low pool is told again after somebody added to it, and not while it has enough", async () => {
  await emptyPool();
  const [one, two] = [await world.addDepartment(), await world.addDepartment()];
  for (let n = 0; n < 3; n++) await world.addClient();
  await world.start(one);
  expect(await lowEvents()).toEqual([]);
  await world.start(two);
  await world.start(two);
  expect(await lowEvents()).toEqual([{ free: 1 }]);
  await world.addClient();
  await world.start(await world.addDepartment());
  expect(await lowEvents()).toEqual([{ free: 1 }, { free: 1 }]);
});

test("a consent that finds the pool empty is refused, leaves nothing behind and is told", async () => {
  await emptyPool();
  const department = await world.addDepartment();
  const refused = await world.start(department);
  expect([refused.status, refused.json.code]).toEqual([409, "oauth_pool_empty"]);
  expect(await lowEvents()).toEqual([{ free: 0 }]);
  expect(await world.show(department)).toBeUndefined();
  await world.addClient();
  expect((await world.consent(department)).status).toBe(200);
});

test("however many start a consent at once for a department without a client, it leases one", async () => {
  await Promise.all(Array.from({ length: 20 }, () => world.addClient()));
  for (let round = 0; round < 5; round++) {
    const department = await world.addDepartment();
    const starts = await Promise.all(Array.from({ length: 8 }, () => world.start(department)));
    expect(starts.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(await clientsOf(department)).toHaveLength(1);
  }
});
