import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadConfig } from "../../src/config.ts";
import { generateKek } from "../../src/crypto/kek.ts";
import { prepareKeys } from "../../src/crypto/prepare-keys.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { claimRotation } from "../../src/keys/claim-rotation.ts";
import { retireKey } from "../../src/keys/retire.ts";
import { rewrapKeys } from "../../src/keys/rewrap-keys.ts";
import { rotateKek } from "../../src/keys/rotate-kek.ts";
import { workRotations } from "../../src/keys/work-rotations.ts";
import { type KeyWorld, keyWorld, secretOf } from "./world.ts";

let world: KeyWorld;
let departments: string[];
const next = generateKek();
beforeAll(async () => {
  world = await keyWorld();
  departments = await Promise.all(Array.from({ length: 12 }, () => world.addDepartment()));
  for (const id of departments) await world.addSecrets(id, 1);
});
afterAll(() => world.close());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );
const keks = async () =>
  Object.fromEntries(
    (
      await world.app<{ kek: string; keys: number }[]>`
      select kek_id as kek, count(*)::int as keys from federation.data_key where wrapped is not null group by 1`
    ).map(({ kek, keys }) => [kek, keys]),
  );

test("a new KEK is let in only beside the known one, and one that is neither nowhere", async () => {
  const stranger = generateKek();
  expect(await codeOf(world.newVault(next))).toBe("kek_wrong");
  expect(await codeOf(world.newVault(next, stranger))).toBe("kek_wrong");
  expect(await codeOf(world.newVault(next, world.kek))).toBe("done");
  // Known everywhere first, before it wraps anything.
  expect(await codeOf(world.newVault(world.kek, next))).toBe("done");
  const [row] = await world.app`select count(*)::int as keks from federation.kek_check`;
  expect(row).toEqual({ keks: 1 });
});

test("a wrong KEK changes nothing, also where the keys are prepared", async () => {
  const dump = () => world.admin`select to_jsonb(k) from federation.data_key k order by id`;
  const before = await dump();
  const config = loadConfig({ FEDERATION_KEK: generateKek(), FEDERATION_KEK_PREVIOUS: generateKek() });
  expect(await codeOf(prepareKeys(config, new Secret(world.database.provisionerUrl)))).toBe("kek_wrong");
  expect([...(await dump())]).toEqual([...before]);
});

test("every key is wrapped anew, by a worker that has both KEKs, wherever one was killed", async () => {
  const old = world.vault.rotation.kekId;
  const vault = await world.newVault(next, world.kek);
  const ctx = { ...world.ctx(), vault };
  const started = await rotateKek(ctx);
  expect(started).toMatchObject({ kind: "kek", total: 14, to_id: vault.rotation.kekId });
  expect(await codeOf(rotateKek(ctx))).toBe("rotation_running");
  // A worker without the new KEK leaves it alone.
  expect(await workRotations(world.means, new AbortController().signal, { waitSecondsMax: 0 })).toBe(0);
  const dead = { owner: Bun.randomUUIDv7(), leaseSeconds: 0.2, kekId: vault.rotation.kekId };
  const claimed = await claimRotation(world.app, dead);
  if (!claimed) throw new Error("nothing to claim");
  await rewrapKeys({ sql: world.app, vault, batchSize: 5 }, dead, claimed);
  expect(await keks()).toEqual({ [old]: 9, [vault.rotation.kekId]: 5 });
  expect(await codeOf(retireKey(ctx, old))).toBe("key_in_use");
  // The platform's own keys were the first ones; a department's would fail only when it is asked for.
  expect(await codeOf(world.newVault(next))).toBe("kek_unknown");
  const means = { ...world.means, vault };
  expect(await workRotations(means, new AbortController().signal, { batchSize: 5 })).toBe(1);
  expect(await keks()).toEqual({ [vault.rotation.kekId]: 14 });
  const alone = await world.newVault(next);
  const [id = ""] = departments;
  const [secret] = await world.app<{ sealed: string }[]>`
    select sealed from federation.department_secret where department_id = ${id}`;
  expect(await alone.open(secretOf(id, "s0"), secret?.sealed ?? "")).toBe("value 0");
});

test("a retired KEK wraps nothing more and starts no process", async () => {
  const vault = await world.newVault(next);
  const ctx = { ...world.ctx(), vault };
  expect(await codeOf(retireKey(ctx, vault.rotation.kekId))).toBe("key_active");
  expect(await codeOf(retireKey(ctx, "00000000"))).toBe("not_found");
  const old = world.vault.rotation.kekId;
  expect([await codeOf(retireKey(ctx, old)), await codeOf(retireKey(ctx, old))]).toEqual(["done", "done"]);
  // The process that still has it alone.
  expect(await codeOf(world.addDepartment())).toBe("23514");
  expect(await codeOf(world.newVault(world.kek, next))).toBe("kek_wrong");
  expect(await codeOf(world.newVault(next, world.kek))).toBe("done");
});

test("a process without a KEK that is still needed does not start", async () => {
  const other = await keyWorld();
  try {
    const vault = await other.newVault(next, other.kek);
    await rotateKek({ ...other.ctx(), vault });
    expect(await codeOf(other.newVault(next))).toBe("kek_unknown");
    await workRotations({ ...other.means, vault }, new AbortController().signal);
    expect(await codeOf(other.newVault(next))).toBe("done");
  } finally {
    await other.close();
  }
});
