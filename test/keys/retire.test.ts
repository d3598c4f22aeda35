import { afterAll, beforeAll, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import { countUses } from "../../src/keys/count-uses.ts";
import { retireKey } from "../../src/keys/retire.ts";
import { workRotations } from "../../src/keys/work-rotations.ts";
import { rotateDepartment } from "./rotate-department.ts";
import { type KeyWorld, keyWorld, secretOf } from "./world.ts";

let world: KeyWorld;
beforeAll(async () => {
  world = await keyWorld();
});
afterAll(() => world.close());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );
const retire = (id: string) => retireKey(world.ctx(), id);
const insert = (departmentId: string, name: string, sealed: string) =>
  withTx(
    world.app,
    (tx) => tx`
    insert into federation.department_secret (department_id, name, sealed, created_by_step)
    values (${departmentId}, ${name}, ${sealed}, 'test')`,
  );

test("an active key, one in use and an unknown one are not retired; one that nothing needs is, and again", async () => {
  const id = await world.addDepartment();
  await world.addSecrets(id, 3);
  const { fromId, toId } = await rotateDepartment(world, id);
  expect(await codeOf(retire(toId))).toBe("key_active");
  const refused = await retire(fromId).catch((error: { code: string; message: string }) => error);
  expect(refused).toMatchObject({
    code: "key_in_use",
    status: 409,
    message: "The key still seals 3 values.",
  });
  await workRotations(world.means, new AbortController().signal);
  expect([await codeOf(retire(fromId)), await codeOf(retire(fromId))]).toEqual(["done", "done"]);
  const [key] = await world.app`select status, wrapped from federation.data_key where id = ${fromId}`;
  expect(key).toEqual({ status: "destroyed", wrapped: null });
  expect(await codeOf(retire(Bun.randomUUIDv7()))).toBe("not_found");
  const [events] = await world.admin`
    select count(*)::int as retired from audit.event where action = 'key.retire' and target = ${fromId} and stream = ${id}`;
  expect(events).toEqual({ retired: 1 });
});

test("a key retired while a value sealed with it comes in: one of the two fails, and no value is lost", async () => {
  const outcomes = new Set<string>();
  for (let round = 0; round < 40; round++) {
    const id = await world.addDepartment();
    const sealed = await world.vault.seal(secretOf(id, "late"), "late value");
    const { fromId } = await rotateDepartment(world, id);
    const [inserted, retired] = await Promise.all([
      Bun.sleep(round % 4).then(() => codeOf(insert(id, "late", sealed))),
      Bun.sleep(round % 3).then(() => codeOf(retire(fromId))),
    ]);
    outcomes.add(`${inserted} ${retired}`);
    expect([inserted, retired].filter((code) => code === "done")).toHaveLength(1);
    if (inserted === "done") expect(await world.openAll(id)).toEqual({ late: "late value" });
    else expect((await countUses(world.app, [fromId])).get(fromId)).toBe(0);
  }
  for (const outcome of outcomes) expect(["done key_in_use", "40001 done"]).toContain(outcome);
});

test("retiring waits for a value that is on its way in, and then sees it", async () => {
  const id = await world.addDepartment();
  const sealed = await world.vault.seal(secretOf(id, "slow"), "value");
  const { fromId } = await rotateDepartment(world, id);
  let retiring: Promise<unknown> | undefined;
  await withTx(world.app, async (tx) => {
    await tx`insert into federation.department_secret (department_id, name, sealed, created_by_step)
      values (${id}, 'slow', ${sealed}, 'test')`;
    retiring = codeOf(retire(fromId));
    await Bun.sleep(100);
  });
  expect(await retiring).toBe("key_in_use");
});
