import { pino } from "pino";
import postgres from "postgres";
import { loadConfig } from "../../src/config.ts";
import { environmentKeyProvider, generateKek } from "../../src/crypto/kek.ts";
import { prepareKeys } from "../../src/crypto/prepare-keys.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { createVault, type Vault } from "../../src/crypto/vault.ts";
import { withTx } from "../../src/db/tx.ts";
import { createWorkerDeps, systemContext } from "../../src/deps.ts";
import { randomSuffix } from "../../src/departments/suffix.ts";
import type { InstallationDatabase } from "../helpers/installation.ts";
import { testDatabase } from "../helpers/postgres.ts";

export type KeyWorld = Awaited<ReturnType<typeof keyWorld>>;

/** A database with its keys, and departments that keep secrets in it; no web edge. */
export async function keyWorld(given?: InstallationDatabase) {
  const database = given ?? (await testDatabase());
  const kek = generateKek();
  const environment = {
    DATABASE_URL: database.appUrl,
    DATABASE_GATEWAY_URL: database.gatewayUrl,
    DATABASE_ADMIN_URL: database.provisionerUrl,
    FEDERATION_KEK: kek,
  };
  const config = loadConfig(environment);
  await prepareKeys(config, new Secret(database.provisionerUrl));
  const deps = await createWorkerDeps(config, pino({ level: "silent" }));
  const { vault, db } = deps;
  const { app } = db;
  const newVault = (current = kek, previous?: string) =>
    createVault({
      sql: app,
      provider: environmentKeyProvider({
        current: new Secret(current),
        previous: previous === undefined ? undefined : new Secret(previous),
      }),
      environment: "development",
    });
  const admin = postgres(database.adminUrl, { max: 2, onnotice: () => {} });

  return {
    database,
    /** Of a process of this installation. */
    environment,
    /** Opens keys past the vault. */
    keyMeans: {
      provider: environmentKeyProvider({ current: new Secret(kek) }),
      environment: config.environment,
    },
    /** The superuser's. */
    admin,
    deps,
    ctx: () => systemContext(deps, "test"),
    kek,
    pools: db,
    app,
    vault,
    newVault,
    means: { db, vault },
    /** A department with a data key and an audit stream. */
    async addDepartment(): Promise<string> {
      const id = Bun.randomUUIDv7();
      const suffix = randomSuffix();
      await withTx(app, async (tx) => {
        await tx`insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
          values (${id}, ${`d-${suffix}`}, 'Test', 'provisioning', ${suffix}, 'local', '1', 'a@example.org')`;
        await tx`select audit.open_stream(${id})`;
        await vault.ensureDepartmentKey(tx, id);
      });
      return id;
    },
    /** Secrets `s0`, `s1` … with the values `value 0`, `value 1` … */
    async addSecrets(departmentId: string, count: number): Promise<void> {
      const names = Array.from({ length: count }, (_, index) => `s${index}`);
      const sealed = await sealAll(vault, departmentId, names);
      await app`insert into federation.department_secret (department_id, name, sealed, created_by_step)
        select ${departmentId}, name, sealed, 'test' from unnest(${names}::text[], ${sealed}::text[]) as s (name, sealed)`;
    },
    /** Every secret of a department, opened. */
    async openAll(departmentId: string): Promise<Record<string, string>> {
      const rows = await app<{ name: string; sealed: string }[]>`
        select name, sealed from federation.department_secret where department_id = ${departmentId} order by name`;
      const opened = rows.map(async ({ name, sealed }) => [
        name,
        await vault.open(secretOf(departmentId, name), sealed),
      ]);
      return Object.fromEntries(await Promise.all(opened));
    },
    /** As every start does. */
    prepareAgain: () => prepareKeys(config, new Secret(database.provisionerUrl)),
    async close() {
      await Promise.all([deps.close(), admin.end()]);
      await database.close();
    },
  };
}

export const secretOf = (departmentId: string, name: string) => ({
  departmentId,
  table: "department_secret",
  column: "sealed",
  rowId: `${departmentId}:${name}`,
});

/** `value 3` for `s3`. */
export const valueOf = (name: string) => `value ${name.slice(1)}`;

const sealAll = (vault: Vault, departmentId: string, names: string[]) =>
  Promise.all(names.map((name) => vault.seal(secretOf(departmentId, name), valueOf(name))));
