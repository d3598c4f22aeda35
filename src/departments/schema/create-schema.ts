import type { Sql, Tx } from "../../db/tx.ts";
import { conflict, FederationError } from "../../errors.ts";
import { changeSql } from "./change-sql.ts";
import { inspectSchema } from "./inspect-schema.ts";
import { checkNames, type SchemaNames } from "./names.ts";
import { readTemplates } from "./read-templates.ts";

export interface CreatedSchema {
  /** False when everything was there already. */
  changed: boolean;
  version: number;
}

/**
 * Makes a department's role, schema, policies and ledger rows, all or nothing, in one round trip; does nothing when
 * they are complete. `sql` is the provisioner's pool, or a transaction on it to add a fence to. Throws `schema_exists`
 * when a schema of this name is there that no ledger row accounts for, `schema_missing` when the ledger has no schema.
 */
export async function createDepartmentSchema(
  sql: Sql | Tx,
  department: SchemaNames,
  templates?: Awaited<ReturnType<typeof readTemplates>>,
): Promise<CreatedSchema> {
  const { suffix } = checkNames(department);
  const wanted = templates ?? (await readTemplates());
  const { schemaOwner, roleExists, version } = await inspectSchema(sql, department);
  if (schemaOwner !== null && (version === 0 || schemaOwner !== "federation_owner")) {
    throw conflict("schema_exists", "A schema of this name exists that does not belong to the department.");
  }
  if (version > 0 && (schemaOwner === null || !roleExists)) {
    throw new FederationError(
      "schema_missing",
      "The department's schema or role is gone; restore it from a backup.",
    );
  }
  if (version >= wanted.length) return { changed: false, version };
  const role = roleExists ? "" : `select federation_roles.add('${suffix}');`;
  await sql.unsafe(role + changeSql(department, wanted, version));
  return { changed: true, version: wanted.length };
}
