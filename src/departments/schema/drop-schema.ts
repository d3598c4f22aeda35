import type { Sql, Tx } from "../../db/tx.ts";
import { inspectSchema } from "./inspect-schema.ts";
import { checkNames, type SchemaNames } from "./names.ts";

/** Removes a department's schema, its role with all its sessions, and its ledger rows, all or nothing; gone is success. */
export async function dropDepartmentSchema(sql: Sql | Tx, department: SchemaNames): Promise<void> {
  const { suffix } = checkNames(department);
  const { roleExists } = await inspectSchema(sql, department);
  await sql.unsafe(`
    set local lock_timeout = '5s';
    set local role federation_owner;
    drop schema if exists ${department.schemaName} cascade;
    delete from federation.schema_ledger where department_id = '${department.id}';
    update federation.department set schema_version = 0, schema_state = 'absent', schema_error = null,
      updated_at = clock_timestamp() where id = '${department.id}';
    reset role;
    ${roleExists ? `select federation_roles.remove('${suffix}');` : ""}`);
}
