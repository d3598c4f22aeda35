import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadConfig } from "../../src/config.ts";
import { environmentKeyProvider, generateKek } from "../../src/crypto/kek.ts";
import { prepareKeys } from "../../src/crypto/prepare-keys.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { createVault } from "../../src/crypto/vault.ts";
import { openPools, type Pools } from "../../src/db/pools.ts";
import { withTx } from "../../src/db/tx.ts";
import { randomSuffix } from "../../src/departments/suffix.ts";
import { type TestDatabase, testDatabase } from "../helpers/postgres.ts";

let database: TestDatabase;
let pools: Pools;
const kek = generateKek();

const config = (current: string, previous?: string) =>
  loadConfig({ FEDERATION_KEK: current, ...(previous && { FEDERATION_KEK_PREVIOUS: previous }) });
const vaultOf = (current: string, environment = "development") =>
  createVault({
    sql: pools.app,
    provider: environmentKeyProvider({ current: new Secret(current) }),
    environment,
  });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );
const place = (departmentId?: string) => ({ departmentId, table: "t", column: "c", rowId: "r" });

beforeAll(async () => {
  database = await testDatabase();
  pools = openPools({ ...database, adminUrl: database.provisionerUrl, applicationName: "test" });
});

afterAll(async () => {
  await pools.close();
  await database.close();
});

async function newDepartment(): Promise<string> {
  const id = Bun.randomUUIDv7();
  const suffix = randomSuffix();
  await pools.app`insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
    values (${id}, ${`d${suffix}`}, 'test', 'provisioning', ${suffix}, 'local', 'test', 'test@example.com')`;
  return id;
}

test("before its keys are made a database opens no vault", async () => {
  expect(await codeOf(vaultOf(kek))).toBe("not_initialised");
});

test("keys are made once, however many processes begin", async () => {
  const admin = new Secret(database.provisionerUrl);
  await Promise.all(Array.from({ length: 6 }, () => prepareKeys(config(kek), admin)));
  const [counts] = await pools.app`
    select (select count(*)::int from federation.data_key) as keys, (select count(*)::int from federation.kek_check) as keks`;
  expect(counts).toEqual({ keys: 2, keks: 1 });
});

test("a process with another KEK ends before it serves", async () => {
  expect(await codeOf(vaultOf(generateKek()))).toBe("kek_wrong");
  expect(await codeOf(prepareKeys(config(generateKek()), new Secret(database.provisionerUrl)))).not.toBe(
    "done",
  );
  expect(await codeOf(vaultOf(kek))).toBe("done");
});

test("a department's value opens for it only, not for another department, environment or the platform", async () => {
  const vault = await vaultOf(kek);
  const [hr, sales] = [await newDepartment(), await newDepartment()];
  await withTx(pools.app, (tx) => vault.ensureDepartmentKey(tx, hr));
  await withTx(pools.app, (tx) => vault.ensureDepartmentKey(tx, sales));
  const sealed = await vault.seal(place(hr), "value");
  expect(await vault.open(place(hr), sealed)).toBe("value");
  expect(await codeOf((await vaultOf(kek)).open(place(sales), sealed))).toBe("vault_open_failed");
  expect(await codeOf((await vaultOf(kek)).open(place(), sealed))).toBe("vault_open_failed");
  expect(await codeOf(vault.open(place(sales), sealed))).toBe("vault_open_failed");
  expect(await codeOf(vaultOf(kek, "staging"))).not.toBe("done");
});

test("many at once make one key for a department, and a rolled back transaction none", async () => {
  const vault = await vaultOf(kek);
  const id = await newDepartment();
  const rolledBack = withTx(pools.app, async (tx) => {
    await vault.ensureDepartmentKey(tx, id);
    throw new Error("no");
  });
  expect(await codeOf(rolledBack)).not.toBe("done");
  expect(await codeOf(vault.seal(place(id), "value"))).toBe("vault_key_missing");
  const made = await Promise.all(
    Array.from({ length: 8 }, () => withTx(pools.app, (tx) => vault.ensureDepartmentKey(tx, id))),
  );
  expect(new Set(made.map((key) => key.id)).size).toBe(1);
  expect(made.filter((key) => key.created)).toHaveLength(1);
});

test("once a department's keys are destroyed nothing of it opens, a second later in no process", async () => {
  const [here, elsewhere] = [await vaultOf(kek), await vaultOf(kek)];
  const id = await newDepartment();
  await withTx(pools.app, (tx) => here.ensureDepartmentKey(tx, id));
  const sealed = await here.seal(place(id), "value");
  expect(await elsewhere.open(place(id), sealed)).toBe("value");
  const gone = await withTx(pools.app, (tx) => here.destroyDepartmentKeys(tx, id));
  expect(gone).toHaveLength(1);
  expect(await codeOf(here.open(place(id), sealed))).toBe("vault_key_destroyed");
  await Bun.sleep(1000);
  expect(await codeOf(elsewhere.open(place(id), sealed))).toBe("vault_key_destroyed");
  const [row] = await pools.app`select wrapped from federation.data_key where id = ${gone[0] ?? ""}`;
  expect(row?.["wrapped"]).toBeNull();
});

test("the database takes a seal of ours and no other, for ten seconds", async () => {
  const vault = await vaultOf(kek);
  const id = Bun.randomUUIDv7();
  const owns = async (seal: string, department = id) => {
    const [row] = await withTx(pools.gateway, async (tx) => {
      await tx`select set_config('gateway.seal', ${seal}, true)`;
      return tx<{ owns: boolean }[]>`select gateway.owns(${department}) as owns`;
    });
    return row?.owns;
  };
  const seal = await vault.sealOwnContext(id);
  expect(await owns(seal)).toBe(true);
  expect(await owns(seal, Bun.randomUUIDv7())).toBe(false);
  expect(await owns(seal.replace(/^\d/, (digit) => String((Number(digit) + 1) % 10)))).toBe(false);
  expect(await owns(seal.slice(0, -1) + (seal.endsWith("0") ? "1" : "0"))).toBe(false);
  expect(await owns("")).toBe(false);
  expect(Number(seal.split(".")[0]) / 1000 - Date.now()).toBeLessThanOrEqual(10_000);
});
