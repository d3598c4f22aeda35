import type { Sql, Tx } from "../../db/tx.ts";
import type { SchemaNames } from "./names.ts";

export interface SchemaPresence {
  schemaOwner: string | null;
  roleExists: boolean;
  /** Newest template in the ledger; 0 = none. */
  version: number;
}

/** What the catalog and the ledger know about a department's schema and role. */
export async function inspectSchema(sql: Sql | Tx, names: SchemaNames): Promise<SchemaPresence> {
  const [row] = await sql<[SchemaPresence]>`
    select
      (select pg_get_userbyid(n.nspowner) from pg_namespace n where n.nspname = ${names.schemaName}) as "schemaOwner",
      exists (select from pg_roles r where r.rolname = ${names.roleName}) as "roleExists",
      (select coalesce(max(l.version), 0) from federation.schema_ledger l
        where l.department_id = ${names.id}) as version`;
  return row;
}
