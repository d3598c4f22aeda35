import type { Sql } from "../../db/tx.ts";
import { changeSql } from "./change-sql.ts";
import type { SchemaNames } from "./names.ts";
import { readTemplates, type SchemaTemplate } from "./read-templates.ts";

export interface MigratedDepartments {
  version: number;
  migrated: string[];
  failed: { departmentId: string; message: string }[];
}

interface Outdated extends SchemaNames {
  version: number;
  /** First applied template whose text has changed since. */
  changed: number | null;
}

/**
 * Brings every department's schema to the newest template, `parallel` at a time, each in its own transaction. One that
 * fails is recorded, reported and stops no other; after a crash the next call goes on with what is left. With nothing
 * to do it is one query. `sql` is the provisioner's pool; `departmentId` means this one only.
 */
export async function migrateDepartments(
  sql: Sql,
  {
    templates,
    parallel = 4,
    departmentId,
  }: { templates?: SchemaTemplate[]; parallel?: number; departmentId?: string } = {},
): Promise<MigratedDepartments> {
  const wanted = templates ?? (await readTemplates());
  const outdated = await findOutdated(sql, wanted, departmentId);
  const result: MigratedDepartments = { version: wanted.length, migrated: [], failed: [] };
  if (outdated.length > 0) await markMigrating(sql, outdated);
  const queue = outdated.values();
  await Promise.all(
    Array.from({ length: Math.min(parallel, outdated.length) }, async () => {
      for (const department of queue) await migrateOne(sql, department, wanted, result);
    }),
  );
  return result;
}

async function findOutdated(
  sql: Sql,
  templates: SchemaTemplate[],
  departmentId?: string,
): Promise<Outdated[]> {
  const checksums = templates.map(({ checksum }) => checksum);
  return await sql<Outdated[]>`
    with changed as (
      select l.department_id as id, min(l.version) as version from federation.schema_ledger l
      where l.version <= ${checksums.length} and l.checksum <> (${checksums}::text[])[l.version]
      group by 1
    )
    select d.id, d.schema_name as "schemaName", d.role_name as "roleName", d.schema_version as version,
      c.version as changed
    from federation.department d left join changed c using (id)
    where d.schema_state <> 'absent' and d.status not in ('deprovisioning', 'deprovisioned')
      and (d.schema_version < ${checksums.length} or d.schema_state <> 'current' or c.version is not null)
      and (${departmentId ?? null}::uuid is null or d.id = ${departmentId ?? null})
    order by d.created_at, d.id`;
}

/** Only where the version is still the one read: another process may have finished a department meanwhile. */
async function markMigrating(sql: Sql, outdated: Outdated[]) {
  const ids = outdated.map(({ id }) => id);
  const versions = outdated.map(({ version }) => version);
  await sql`
    update federation.department d set schema_state = 'migrating'
    from unnest(${ids}::uuid[], ${versions}::int[]) as o (id, version)
    where d.id = o.id and d.schema_version = o.version`;
}

async function migrateOne(
  sql: Sql,
  department: Outdated,
  templates: SchemaTemplate[],
  result: MigratedDepartments,
) {
  try {
    if (department.changed !== null) {
      throw new Error(`template ${department.changed} was applied with another content`);
    }
    // Several statements in one message are one transaction: all or nothing, one round trip.
    await sql.unsafe(changeSql(department, templates, department.version));
    result.migrated.push(department.id);
  } catch (error) {
    const message = error instanceof Error ? error.message.slice(0, 500) : "unknown error";
    const [failed] = await sql<{ id: string }[]>`
      update federation.department set schema_state = 'failed', schema_error = ${message}
      where id = ${department.id} and schema_version = ${department.version} returning id`;
    // Another version by now: another process has brought it there meanwhile.
    if (failed) result.failed.push({ departmentId: department.id, message });
  }
}
