import { checkNames, type SchemaNames } from "./names.ts";
import type { SchemaTemplate } from "./read-templates.ts";
import { renderSchema } from "./render-schema.ts";

/**
 * SQL that brings one department above `aboveVersion` and records it, for one transaction of the provisioner. The
 * ledger comes first: its primary key lets only one of two do the work, the other gets a unique violation (23505).
 */
export function changeSql(names: SchemaNames, templates: SchemaTemplate[], aboveVersion: number): string {
  checkNames(names);
  const rows = templates
    .filter(({ version }) => version > aboveVersion)
    .map(({ version, checksum }) => `('${names.id}', ${version}, '${checksum}')`);
  const ledger =
    rows.length === 0
      ? ""
      : `insert into federation.schema_ledger (department_id, version, checksum) values ${rows.join(", ")};`;
  return `
    set local lock_timeout = '5s';
    set local check_function_bodies = off;
    set local role federation_owner;
    ${ledger}
    ${renderSchema(names, templates, aboveVersion)}
    update federation.department set schema_version = ${templates.length}, schema_state = 'current',
      schema_error = null, updated_at = clock_timestamp() where id = '${names.id}';
    reset role;`;
}
