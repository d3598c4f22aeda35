import { afterAll, beforeAll, expect, test } from "bun:test";
import { randomPassword, scramVerifier } from "../../src/crypto/scram.ts";
import { withTx } from "../../src/db/tx.ts";
import { dropDepartmentSchema } from "../../src/departments/schema/drop-schema.ts";
import { findLeftovers } from "../../src/departments/schema/find-leftovers.ts";
import { type Department, failureOf, isolationWorld, type World } from "./world.ts";

/** A department whose own login does what it can so that the department cannot be taken away. */
let world: World;
beforeAll(async () => {
  world = await isolationWorld();
});
afterAll(() => world.close());

async function withLogin() {
  const department = await world.addDepartment();
  const password = randomPassword();
  await world.provisioner`select federation_roles.login(${department.suffix}, ${await scramVerifier(password)}, 5)`;
  const url = new URL(world.adminUrl);
  url.username = department.roleName;
  url.password = password;
  return { department, attacker: world.open(url.href, 1) };
}

/** As the steps do: the login first, in a transaction of its own, then schema and role. */
async function takeAway(department: Department) {
  await world.provisioner`select federation_roles.nologin(${department.suffix})`;
  await withTx(world.provisioner, (tx) => dropDepartmentSchema(tx, department));
  return findLeftovers(world.provisioner, department);
}

test("default privileges of its own do not keep a department's role", async () => {
  const { department, attacker } = await withLogin();
  await attacker.unsafe("alter default privileges grant select on tables to public");
  await attacker.end({ timeout: 1 });
  expect(await takeAway(department)).toEqual([]);
});

test("a lock held in an open transaction does not keep a department's schema", async () => {
  const { department, attacker } = await withLogin();
  await attacker.unsafe("set idle_in_transaction_session_timeout = 0");
  await attacker
    .unsafe(`begin; lock table ${department.schemaName}.document in access exclusive mode`)
    .catch(() => {});
  expect(await takeAway(department)).toEqual([]);
  await attacker.end({ timeout: 1 });
});

test("timeouts that a login lifts for itself are kept from outside", async () => {
  const { attacker } = await withLogin();
  await attacker.unsafe("set statement_timeout = 0");
  const sleeping = failureOf(attacker.unsafe("select pg_sleep(30)"));
  await Bun.sleep(1200);
  const [long] = await world.provisioner<
    { ended: number }[]
  >`select federation_roles.end_overdue(60) as ended`;
  expect(long?.ended).toBe(0);
  const [row] = await world.provisioner<{ ended: number }[]>`select federation_roles.end_overdue(1) as ended`;
  expect(row?.ended).toBeGreaterThanOrEqual(1);
  expect(await sleeping).not.toBe("none");
  await attacker.end({ timeout: 1 });
});
