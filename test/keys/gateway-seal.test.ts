import { afterAll, beforeAll, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import { rotateKey } from "../../src/keys/rotate.ts";
import { workRotations } from "../../src/keys/work-rotations.ts";
import { type KeyWorld, keyWorld } from "./world.ts";

let world: KeyWorld;
beforeAll(async () => {
  world = await keyWorld();
});
afterAll(() => world.close());

const department = Bun.randomUUIDv7();
const owns = async (seal: string) => {
  const [row] = await withTx(world.pools.gateway, async (tx) => {
    await tx`select set_config('gateway.seal', ${seal}, true)`;
    return tx<{ owns: boolean }[]>`select gateway.owns(${department}) as owns`;
  });
  return row?.owns;
};
const work = () => workRotations(world.means, new AbortController().signal, { waitSecondsMax: 0 });

test("while the sealing key rotates, the database takes seals of the old and of the new one", async () => {
  const before = await world.newVault();
  const { id } = await rotateKey(world.ctx(), { gateway_seal: true });
  expect(await owns(await before.sealOwnContext(department))).toBe(true);
  await work();
  const after = await world.newVault();
  expect([
    await owns(await before.sealOwnContext(department)),
    await owns(await after.sealOwnContext(department)),
  ]).toEqual([true, true]);
  const [pads] = await world.admin`
    select count(*)::int as keys, bool_or(not_after between now() + interval '10 minutes' and now() + interval '11 minutes') as ends
    from gateway.seal_key`;
  expect(pads).toEqual({ keys: 2, ends: true });

  // Eleven minutes later.
  await world.admin`update gateway.seal_key set not_after = now() where not_after < 'infinity'`;
  await world.admin`update federation.key_rotation set not_before = now() where id = ${id}`;
  await work();
  expect([
    await owns(await before.sealOwnContext(department)),
    await owns(await after.sealOwnContext(department)),
  ]).toEqual([false, true]);
  const [state] = await world.admin`
    select (select status from federation.key_rotation where id = ${id}) as rotation,
      (select count(*)::int from gateway.seal_key) as pads,
      (select array_agg(status order by id) from federation.data_key where purpose = 'gateway-seal') as keys`;
  expect(state).toEqual({ rotation: "succeeded", pads: 1, keys: ["destroyed", "active"] });
});

test("a second rotation takes the other row, and the next start keeps both", async () => {
  await rotateKey(world.ctx(), { gateway_seal: true });
  await work();
  const after = await world.newVault();
  expect(await owns(await after.sealOwnContext(department))).toBe(true);
  await world.prepareAgain();
  expect(await owns(await after.sealOwnContext(department))).toBe(true);
  const [pads] = await world.admin`select count(*)::int as keys from gateway.seal_key`;
  expect(pads).toEqual({ keys: 2 });
});

test("web may not write what seals are checked with", async () => {
  const write = world.app`update gateway.seal_key set not_after = 'infinity'`;
  expect(await write.catch((error: { code: string }) => error.code)).toBe("42501");
});
