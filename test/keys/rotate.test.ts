import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import { claimRotation } from "../../src/keys/claim-rotation.ts";
import { countUses } from "../../src/keys/count-uses.ts";
import { resealValues } from "../../src/keys/reseal-values.ts";
import { workRotations } from "../../src/keys/work-rotations.ts";
import { rotateDepartment } from "./rotate-department.ts";
import { type KeyWorld, keyWorld, secretOf, valueOf } from "./world.ts";

let world: KeyWorld;
beforeAll(async () => {
  world = await keyWorld();
});
afterEach(async () => {
  await world.app`update federation.key_rotation set status = 'failed', error_code = 'test', lease_owner = null,
    lease_until = null, finished_at = clock_timestamp() where status = 'running'`;
});
afterAll(() => world.close());

const forever = () => new AbortController().signal;
const rotationOf = async (id: string) => {
  const [row] =
    await world.app`select status, done, total, error_code from federation.key_rotation where id = ${id}`;
  return row;
};
const expected = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}`, valueOf(`s${index}`)]));
const holder = (leaseSeconds = 10) => ({
  owner: Bun.randomUUIDv7(),
  leaseSeconds,
  kekId: world.vault.rotation.kekId,
});

test("new values are under the new key at once, and the job moves the old ones", async () => {
  const id = await world.addDepartment();
  await world.addSecrets(id, 25);
  const { rotation, fromId, toId } = await rotateDepartment(world, id);
  expect(await world.vault.seal(secretOf(id, "new"), "x")).toContain(toId);
  expect(await rotationOf(rotation)).toMatchObject({ status: "running", done: 0, total: 25 });
  expect(await workRotations(world.means, forever(), { batchSize: 10 })).toBe(1);
  expect(await rotationOf(rotation)).toMatchObject({ status: "succeeded", done: 25, total: 25 });
  expect([...(await countUses(world.app, [fromId, toId])).values()]).toEqual([0, 25]);
  expect(await world.openAll(id)).toEqual(expected(25));
});

describe("a worker that dies is taken over, and nothing is lost:", () => {
  test.each([0, 1, 2, 3, 4])("after batch %i", async (batches) => {
    const id = await world.addDepartment();
    await world.addSecrets(id, 25);
    const { rotation, fromId } = await rotateDepartment(world, id);
    const dead = holder(0.2);
    const claimed = await claimRotation(world.app, dead);
    if (!claimed) throw new Error("nothing to claim");
    const means = { sql: world.app, vault: world.vault, batchSize: 7 };
    for (let batch = 0; batch < batches; batch++) await resealValues(means, dead, claimed);
    expect(await claimRotation(world.app, holder())).toBeUndefined();
    expect(await workRotations(world.means, forever(), { batchSize: 7 })).toBe(1);
    expect(await rotationOf(rotation)).toMatchObject({ status: "succeeded", done: 25 });
    expect((await countUses(world.app, [fromId])).get(fromId)).toBe(0);
    expect(await world.openAll(id)).toEqual(expected(25));
    const late = await resealValues(means, dead, claimed).catch((error: { code: string }) => error.code);
    expect(late).toBe("lease_lost");
  });
});

test("a worker that was taken over and wakes up changes nothing while another one carries the rotation", async () => {
  const id = await world.addDepartment();
  await world.addSecrets(id, 10);
  const { fromId } = await rotateDepartment(world, id);
  const [paused, live] = [holder(0.05), holder()];
  const claimed = await claimRotation(world.app, paused);
  if (!claimed) throw new Error("nothing to claim");
  await Bun.sleep(60);
  expect(await claimRotation(world.app, live)).toMatchObject({ id: claimed.id });
  const late = resealValues({ sql: world.app, vault: world.vault, batchSize: 5 }, paused, claimed);
  expect(await late.catch((error: { code: string }) => error.code)).toBe("lease_lost");
  expect((await countUses(world.app, [fromId])).get(fromId)).toBe(10);
});

test("a writer that comes between reading and replacing keeps its value, under the new key", async () => {
  const id = await world.addDepartment();
  await world.addSecrets(id, 20);
  const { toId } = await rotateDepartment(world, id);
  const own = holder();
  const claimed = await claimRotation(world.app, own);
  if (!claimed) throw new Error("nothing to claim");
  const racing = {
    ...world.vault,
    rotation: {
      ...world.vault.rotation,
      async reseal(...given: Parameters<typeof world.vault.rotation.reseal>) {
        const fresh = await world.vault.rotation.reseal(...given);
        for (const name of ["s3", "s7"]) await write(id, name, "written meanwhile");
        return fresh;
      },
    },
  };
  expect(await resealValues({ sql: world.app, vault: racing, batchSize: 100 }, own, claimed)).toBe("more");
  await withTx(
    world.app,
    (tx) => tx`update federation.key_rotation set lease_owner = null, lease_until = null
    where id = ${claimed.id}`,
  );
  await workRotations(world.means, forever());
  const values = { ...expected(20), s3: "written meanwhile", s7: "written meanwhile" };
  expect(await world.openAll(id)).toEqual(values);
  expect((await countUses(world.app, [toId])).get(toId)).toBe(20);
});

async function write(departmentId: string, name: string, value: string) {
  const sealed = await world.vault.seal(secretOf(departmentId, name), value);
  await world.app`update federation.department_secret set sealed = ${sealed}
    where department_id = ${departmentId} and name = ${name}`;
}

test("once a rotation is over, the old key takes no value that was sealed before it", async () => {
  const id = await world.addDepartment();
  const sealed = await world.vault.seal(secretOf(id, "late"), "x");
  await rotateDepartment(world, id);
  await workRotations(world.means, forever());
  const late = world.app`insert into federation.department_secret (department_id, name, sealed, created_by_step)
    values (${id}, 'late', ${sealed}, 'test')`;
  expect(await late.catch((error: { code: string }) => error.code)).toBe("40001");
});

test("a value that does not open ends the rotation as failed, and all others are moved", async () => {
  const id = await world.addDepartment();
  await world.addSecrets(id, 10);
  await world.app`update federation.department_secret set sealed = overlay(sealed placing
    case substr(sealed, 60, 1) when 'A' then 'B' else 'A' end from 60) where department_id = ${id} and name = 's4'`;
  const { rotation, fromId } = await rotateDepartment(world, id);
  await workRotations(world.means, forever(), { batchSize: 3 });
  expect(await rotationOf(rotation)).toMatchObject({ status: "failed", error_code: "values_do_not_open" });
  expect((await countUses(world.app, [fromId])).get(fromId)).toBe(1);
});

test("the platform's own values move, too", async () => {
  const kid = "kid-for-test";
  const place = { table: "signing_key", column: "private_sealed", rowId: kid };
  const sealed = await world.vault.seal(place, "private");
  await world.app`insert into federation.signing_key (kid, public_jwk, private_sealed, status)
    values (${kid}, '{}', ${sealed}, 'active')`;
  const { fromId, toId } = await rotateDepartment(world, undefined);
  await workRotations(world.means, forever());
  const [row] = await world.app<{ private_sealed: string }[]>`
    select private_sealed from federation.signing_key where kid = ${kid}`;
  expect(row?.private_sealed).toContain(toId);
  expect(row?.private_sealed).not.toContain(fromId);
  expect(await world.vault.open(place, row?.private_sealed ?? "")).toBe("private");
});

test("a department that is shredded meanwhile ends its rotation", async () => {
  const id = await world.addDepartment();
  await world.addSecrets(id, 3);
  const { rotation } = await rotateDepartment(world, id);
  await withTx(world.app, (tx) => world.vault.destroyDepartmentKeys(tx, id));
  await workRotations(world.means, forever());
  expect(await rotationOf(rotation)).toMatchObject({ status: "failed", error_code: "vault_key_destroyed" });
});

test("start and end of a rotation are on record in the department's stream", async () => {
  const id = await world.addDepartment();
  const { rotation } = await rotateDepartment(world, id);
  await workRotations(world.means, forever());
  const [events] = await world.admin`
    select array_agg(decision order by seq) as decisions from audit.event where stream = ${id} and target = ${rotation}`;
  expect(events?.["decisions"]).toEqual(["allowed", "done"]);
});
