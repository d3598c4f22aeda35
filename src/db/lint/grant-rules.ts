import { places, type Rule } from "./rule.ts";

const platformRoles = `'federation_owner', 'federation_reader', 'federation_roles', 'federation_provisioner',
  'federation_app', 'federation_gateway'`;

/** Every privilege on something in a department's schema, one row per grantee; a missing function ACL means PUBLIC. */
const privileges = `granted as materialized (
    select p.oid as place, c.relacl as acl, c.relowner as owner, 'relation' as kind, c.oid as object, null as detail
      from place p join pg_class c on c.relnamespace = p.oid
      where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relacl is not null
    union all
    select p.oid, a.attacl, c.relowner, 'column', c.oid, a.attname
      from place p join pg_class c on c.relnamespace = p.oid join pg_attribute a on a.attrelid = c.oid
      where a.attacl is not null
    union all
    select p.oid, coalesce(f.proacl, acldefault('f', f.proowner)), f.proowner, 'function', f.oid, f.proname
      from place p join pg_proc f on f.pronamespace = p.oid
    union all
    select p.oid, n.nspacl, n.nspowner, 'schema', n.oid, null
      from place p join pg_namespace n on n.oid = p.oid where n.nspacl is not null
  ), privilege as materialized (
    select p.name, p.role, g.kind, g.detail, acl.grantee, acl.privilege_type, acl.is_grantable,
      case when g.kind in ('relation', 'column') then (select c.relname from pg_class c where c.oid = g.object) end as relation
    from granted g join place p on p.oid = g.place cross join lateral aclexplode(g.acl) acl
    where acl.grantee <> g.owner)`;

const object = `concat_ws('.', name, relation, detail)`;

/** Privileges, owners and what the roles themselves can do. */
export const grantRules: Rule[] = [
  {
    rule: "grant_to_stranger",
    query: `with ${places}, ${privileges}
      select ${object} as object, format('%s is granted to %s', lower(privilege_type),
        case when grantee = 0 then 'PUBLIC' else pg_get_userbyid(grantee) end) as message
      from privilege
      where grantee is distinct from role and grantee <> 'federation_reader'::regrole`,
  },
  {
    rule: "grant_too_much",
    query: `with ${places}, ${privileges}
      select ${object} as object, format('%s%s is granted to %s', lower(privilege_type),
        case when is_grantable then ' with grant option' else '' end, pg_get_userbyid(grantee)) as message
      from privilege
      where (grantee = role or grantee = 'federation_reader'::regrole)
        and (is_grantable or kind = 'column' or privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE', 'EXECUTE')
          or (grantee = 'federation_reader'::regrole and privilege_type in ('INSERT', 'UPDATE', 'DELETE'))
          or (relation = 'local_audit' and privilege_type in ('UPDATE', 'DELETE')))`,
  },
  {
    rule: "default_privileges",
    query: `with ${places}
      select 'default privileges of ' || pg_get_userbyid(a.defaclrole) as object,
        'would grant on new objects without anybody reading it in the template' as message
      from pg_default_acl a where a.defaclnamespace in (select oid from place)`,
  },
  {
    rule: "owner",
    query: `with ${places}, owned as (
        select p.name as object, n.nspowner as owner from place p join pg_namespace n on n.oid = p.oid
        union all
        select format('%I.%I', p.name, c.relname), c.relowner from place p join pg_class c on c.relnamespace = p.oid
        union all
        select f.oid::regprocedure::text, f.proowner from place p join pg_proc f on f.pronamespace = p.oid
        union all
        select format('%I.%I', p.name, y.typname), y.typowner from place p join pg_type y on y.typnamespace = p.oid)
      select object, 'is owned by ' || pg_get_userbyid(owner) || ', not by federation_owner' as message
      from owned where owner <> 'federation_owner'::regrole`,
  },
  {
    rule: "role_powers",
    query: `with ${places}
      select r.rolname as object, 'has powers that no role of the federation may have' as message
      from pg_roles r
      where (r.rolname in (${platformRoles}) or r.oid in (select role from place))
        and (r.rolsuper or r.rolbypassrls or r.rolreplication or r.rolcreatedb
          or (r.rolcreaterole and r.rolname <> 'federation_roles')
          or (r.rolinherit and r.oid in (select role from place)))`,
  },
  {
    // Roles are shared by every database of the cluster: of the departments' only those of this database are judged.
    rule: "role_membership",
    query: `with ${places}
      select role.rolname as object, 'can be become by ' || member.rolname as message
      from pg_auth_members m join pg_roles role on role.oid = m.roleid join pg_roles member on member.oid = m.member
      where not member.rolsuper and case
        when role.oid in (select p.role from place p) then member.rolname not in ('federation_gateway', 'federation_roles')
        when role.rolname = 'federation_reader' or member.oid in (select p.role from place p) then true
        when member.rolname in (${platformRoles}) then
          role.rolname !~ '^d_[a-z2-7]{12}$' and (role.rolname, member.rolname) <> ('federation_owner', 'federation_provisioner')
        else false end`,
  },
];
