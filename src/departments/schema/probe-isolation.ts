import { type Sql, type Tx, withTx } from "../../db/tx.ts";
import { withDepartment } from "../../gateway/with-department.ts";
import { checkNames, type SchemaNames } from "./names.ts";

export interface Probe {
  probe: string;
  passed: boolean;
}

/** Makes the sealed context for a department's own data; the vault does. */
export interface ContextSealer {
  sealOwnContext(departmentId: string): Promise<string> | string;
}

interface Subject {
  db: { app: Sql; gateway: Sql };
  vault: ContextSealer;
  department: SchemaNames;
}

/**
 * Tries the walls of a real department's schema and says of each whether it holds. A row is written in a transaction
 * that is rolled back, so that "sees nothing" is never said of an empty table; nothing stays behind.
 */
export async function probeIsolation(
  db: { app: Sql; gateway: Sql },
  vault: ContextSealer,
  department: SchemaNames,
): Promise<Probe[]> {
  checkNames(department);
  const subject: Subject = { db, vault, department };
  const probes = await Promise.all([probeContext(subject), outsiders(subject), writers(subject)]);
  return probes.flat();
}

/** With one's own row in sight: it vanishes as soon as the sealed context is missing, forged or another's. */
async function probeContext({ db, vault, department }: Subject): Promise<Probe[]> {
  const own = await vault.sealOwnContext(department.id);
  const contexts: [string, string, number][] = [
    ["sealed_context_sees_its_row", own, 1],
    ["no_context_sees_nothing", "", 0],
    ["spoofed_context_sees_nothing", department.id, 0],
    ["forged_seal_sees_nothing", forge(own), 0],
    ["other_departments_seal_sees_nothing", await vault.sealOwnContext(Bun.randomUUIDv7()), 0],
  ];
  const probes: Probe[] = [];
  try {
    await withDepartment({ sql: db.gateway, seal: () => own }, department, async (tx) => {
      await insertRow(tx, department);
      for (const [probe, seal, expected] of contexts) {
        await tx`select set_config('gateway.seal', ${seal}, true)`;
        probes.push({ probe, passed: (await countRows(tx, department)) === expected });
      }
      throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw error;
  }
  return probes;
}

class RollBack extends Error {}

/** Who has no business here is refused by privileges, before any policy. */
async function outsiders({ db, department }: Subject): Promise<Probe[]> {
  const { schemaName, roleName } = department;
  const read = `select from ${schemaName}.document`;
  const become = (role: string) => `set local role ${role}`;
  const attempts: [string, Sql, string][] = [
    ["app_is_refused", db.app, read],
    ["gateway_is_refused", db.gateway, read],
    ["app_cannot_read_seal_keys", db.app, "select from gateway.seal_key"],
    ["gateway_cannot_read_seal_keys", db.gateway, "select from gateway.seal_key"],
  ];
  // An administrator's login that stepped down (a small set-up; doctor warns) could step up again: nothing to probe.
  if (await isOwnLogin(db.app)) {
    attempts.push(["app_cannot_become_department", db.app, become(roleName)]);
    attempts.push(["app_cannot_become_reader", db.app, become("federation_reader")]);
  }
  if (await isOwnLogin(db.gateway)) {
    attempts.push(["gateway_cannot_become_reader", db.gateway, become("federation_reader")]);
    attempts.push(["gateway_cannot_become_owner", db.gateway, become("federation_owner")]);
  }
  return await Promise.all(attempts.map(([probe, sql, text]) => refused(probe, sql, text)));
}

async function isOwnLogin(sql: Sql): Promise<boolean> {
  const [row] = await sql<[{ own: boolean }]>`select session_user = current_user as own`;
  return row.own;
}

/** What not even the department's own role may do. */
async function writers({ db, vault, department }: Subject): Promise<Probe[]> {
  const { schemaName, roleName } = department;
  const row = `insert into ${schemaName}.contact (id, source, external_id, name)
    values (gen_random_uuid(), 'probe', 'probe', 'probe')`;
  const sealed = `set local role ${roleName}; set local gateway.seal = '${await vault.sealOwnContext(department.id)}';`;
  const attempts: [string, string][] = [
    ["no_context_writes_nothing", `set local role ${roleName}; ${row}`],
    ["own_role_cannot_truncate", `${sealed} truncate ${schemaName}.document`],
    [
      "own_role_cannot_lift_policies",
      `${sealed} alter table ${schemaName}.document disable row level security`,
    ],
    ["own_role_cannot_create", `${sealed} create table ${schemaName}.probe (id uuid)`],
    ["own_role_cannot_rewrite_its_audit", `${sealed} update ${schemaName}.local_audit set actor = 'probe'`],
  ];
  return Promise.all(attempts.map(([probe, text]) => refused(probe, db.gateway, text)));
}

/** True only when the server answered "insufficient privilege"; any other failure proves nothing. */
async function refused(probe: string, sql: Sql, text: string): Promise<Probe> {
  try {
    await withTx(sql, async (tx) => {
      await tx.unsafe(text);
      throw new RollBack();
    });
  } catch (error) {
    return { probe, passed: error instanceof Error && "code" in error && error.code === "42501" };
  }
  return { probe, passed: false };
}

async function insertRow(tx: Tx, { schemaName }: SchemaNames): Promise<void> {
  const id = Bun.randomUUIDv7();
  await tx`insert into ${tx(schemaName)}.document (id, source, external_id, name) values (${id}, 'probe', ${id}, 'probe')`;
}

async function countRows(tx: Tx, { schemaName }: SchemaNames): Promise<number> {
  const [row] = await tx<[{ rows: number }]>`
    select count(*)::int as rows from ${tx(schemaName)}.document where source = 'probe'`;
  return row.rows;
}

function forge(seal: string): string {
  return seal.slice(0, -1) + (seal.endsWith("0") ? "1" : "0");
}
