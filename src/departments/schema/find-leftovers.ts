import type { Sql, Tx } from "../../db/tx.ts";
import { checkNames, type SchemaNames } from "./names.ts";

/** What the catalogs still hold of a department, in words; empty after a complete drop. */
export async function findLeftovers(sql: Sql | Tx, department: SchemaNames): Promise<string[]> {
  checkNames(department);
  const { schemaName, roleName, id } = department;
  const rows = await sql<{ what: string }[]>`
    with role as (select r.oid from pg_roles r where r.rolname = ${roleName}),
      schema as (select n.oid from pg_namespace n where n.nspname = ${schemaName})
    select 'schema ' || ${schemaName}::text as what from schema
    union all select 'relation ' || c.relname from pg_class c join schema s on c.relnamespace = s.oid
    union all select 'role ' || ${roleName}::text from role
    union all select 'membership of ' || pg_get_userbyid(m.member) from pg_auth_members m join role r on m.roleid = r.oid
    union all select 'membership in ' || pg_get_userbyid(m.roleid) from pg_auth_members m join role r on m.member = r.oid
    union all select 'dependency in ' || coalesce(d.datname, 'all databases') || ': ' || s.classid::regclass || ' '
        || s.objid || ' (' || s.deptype::text || ')'
      from pg_shdepend s join role r on s.refclassid = 'pg_authid'::regclass and s.refobjid = r.oid
      left join pg_database d on d.oid = s.dbid
    union all select 'default privileges ' || a.oid from pg_default_acl a
      where a.defaclnamespace in (select oid from schema) or a.defaclrole in (select oid from role)
    union all select 'policy ' || p.polname || ' on ' || p.polrelid::regclass from pg_policy p
      join role r on r.oid = any (p.polroles)
    union all select 'session ' || a.pid from pg_stat_activity a where a.usename = ${roleName}
    union all select 'ledger row ' || l.version from federation.schema_ledger l where l.department_id = ${id}`;
  return rows.map(({ what }) => what);
}
