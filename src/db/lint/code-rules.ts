import { places, type Rule } from "./rule.ts";

/** Views, functions and the bookkeeping of which schema is whose. */
export const codeRules: Rule[] = [
  {
    rule: "view_invoker",
    query: `with ${places}
      select c.oid::regclass::text as object, 'a view without security_invoker reads as its owner' as message
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'v' and (n.oid in (select oid from place) or n.nspname in ('federation', 'audit', 'gateway')
          or exists (select from pg_rewrite w join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
            join pg_class t on d.refclassid = 'pg_class'::regclass and t.oid = d.refobjid
            where w.ev_class = c.oid and t.oid <> c.oid and t.relnamespace in (select oid from place)))
        and not coalesce(c.reloptions && '{security_invoker=true,security_invoker=on,security_invoker=1,security_invoker=yes}', false)`,
  },
  {
    rule: "materialised_view",
    query: `with ${places}
      select c.oid::regclass::text as object, 'a materialised view has no row-level security' as message
      from pg_class c
      where c.relkind = 'm' and (c.relnamespace in (select oid from place)
        or exists (select from pg_rewrite w join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
          join pg_class t on d.refclassid = 'pg_class'::regclass and t.oid = d.refobjid
          where w.ev_class = c.oid and t.relnamespace in (select oid from place)))`,
  },
  {
    rule: "search_path",
    query: `with ${places}
      select f.oid::regprocedure::text as object, 'does not pin search_path = pg_catalog, pg_temp' as message
      from pg_proc f join pg_namespace n on n.oid = f.pronamespace
      where (n.oid in (select oid from place) or (f.prosecdef and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'))
        and not coalesce('search_path=pg_catalog, pg_temp' = any (f.proconfig), false)`,
  },
  {
    rule: "security_definer",
    query: `with ${places}
      select f.oid::regprocedure::text as object, 'runs as its owner inside a department''s schema' as message
      from place p join pg_proc f on f.pronamespace = p.oid where f.prosecdef`,
  },
  {
    rule: "schema_without_department",
    query: `with ${places}
      select p.name as object, 'belongs to no living department' as message
      from place p where not exists (select from federation.department d
        where d.schema_name = p.name and d.role_name = p.role_name and d.schema_state <> 'absent')`,
  },
  {
    rule: "department_without_schema",
    query: `with ${places}
      select d.schema_name::text as object, 'the department has lost its schema or its role' as message
      from federation.department d left join place p on p.name = d.schema_name
      where d.schema_state <> 'absent' and (p.oid is null or p.role is null)`,
  },
  {
    rule: "role_without_department",
    query: `select r.rolname::text as object, 'belongs to no living department' as message
      from pg_roles r where r.rolname ~ '^d_[a-z2-7]{12}$' and not exists (
        select from federation.department d where d.role_name = r.rolname and d.schema_state <> 'absent')
        -- Roles are shared by every database of the cluster: only those that hold something in this one are ours.
        and exists (select from pg_shdepend s join pg_database d on d.datname = current_database()
          where s.refclassid = 'pg_authid'::regclass and s.refobjid = r.oid
            and (s.dbid = d.oid or (s.classid = 'pg_database'::regclass and s.objid = d.oid)))`,
  },
  {
    rule: "audit_append_only",
    query: `select p.oid::regclass::text as object, 'the audit may only be appended to by function' as message
      from pg_class p join pg_namespace n on n.oid = p.relnamespace cross join lateral aclexplode(p.relacl) acl
      where n.nspname = 'audit' and acl.grantee <> p.relowner and acl.privilege_type <> 'SELECT'`,
  },
];
