import type { Sql, Tx } from "../tx.ts";

/**
 * What is in department schemas, one line per object with the department's own names taken out, so that two schemas of
 * the same template give the same lines. Answers schema name → sorted lines; only of `schemas` when given.
 */
export async function describeSchemas(sql: Sql | Tx, schemas?: string[]): Promise<Map<string, string[]>> {
  const rows = await sql.unsafe<{ schema: string; lines: string[] }[]>(
    `select schema, array_agg(line order by line collate "C") as lines from (${normalised}) l group by schema`,
    [schemas ?? null],
  );
  return new Map(rows.map(({ schema, lines }) => [schema, lines]));
}

/** The same as one digest per schema, made by the server: what 1,000 equal schemas cost to compare. */
export async function digestSchemas(sql: Sql | Tx): Promise<Map<string, string>> {
  const rows = await sql.unsafe<{ schema: string; digest: string }[]>(
    `select schema, md5(string_agg(line, E'\\n' order by line collate "C")) as digest from (${normalised}) l group by schema`,
    [null],
  );
  return new Map(rows.map(({ schema, digest }) => [schema, digest]));
}

const acl = (column: string, kind: string, owner: string) => `(
  select coalesce(string_agg(format('%s=%s%s', case when x.grantee = 0 then 'public' else pg_get_userbyid(x.grantee) end,
    lower(x.privilege_type), case when x.is_grantable then '*' else '' end), ' '
    order by x.grantee = 0, pg_get_userbyid(x.grantee) ~ '^d_', pg_get_userbyid(x.grantee), x.privilege_type), '')
  from aclexplode(coalesce(${column}, acldefault(${kind}, ${owner}))) x where x.grantee <> ${owner})`;

/** `((a AND b) AND c)` as `(a AND b AND c)`: a dump that is read in again has lost the inner pair. */
const flattened = (definition: string) =>
  String.raw`regexp_replace(${definition}, '\(\((\((?:[^()]|\([^()]*\))*\) AND \((?:[^()]|\([^()]*\))*\))\) AND ', '(\1 AND ', 'g')`;

const listing = `
  select p.oid, p.name, format('schema owner %s; %s', pg_get_userbyid(n.nspowner), ${acl("n.nspacl", "'n'", "n.nspowner")}) as line
    from place p join pg_namespace n on n.oid = p.oid
  union all
  select p.oid, p.name, format('relation %s kind=%s persistence=%s owner=%s rls=%s forced=%s options=%s; %s', c.relname, c.relkind,
      c.relpersistence, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity, c.reloptions,
      case when c.relkind in ('i', 'I') then '' else ${acl("c.relacl", "case c.relkind when 'S' then 's' else 'r' end::\"char\"", "c.relowner")} end)
    from place p join pg_class c on c.relnamespace = p.oid
  union all
  select p.oid, p.name, format('column %s.%s %s%s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then ' not null' else '' end,
      case a.attgenerated::text when '' then ' default ' else ' generated ' end || pg_get_expr(d.adbin, d.adrelid),
      ' identity ' || nullif(a.attidentity::text, ''), ' acl ' || a.attacl::text)
    from place p join pg_class c on c.relnamespace = p.oid join pg_attribute a on a.attrelid = c.oid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and a.attnum > 0 and not a.attisdropped
  union all
  select p.oid, p.name, format('index %s', pg_get_indexdef(i.indexrelid))
    from place p join pg_class c on c.relnamespace = p.oid join pg_index i on i.indexrelid = c.oid
  union all
  select p.oid, p.name, format('constraint %s.%s %s', c.relname, k.conname, ${flattened("pg_get_constraintdef(k.oid)")})
    from place p join pg_class c on c.relnamespace = p.oid join pg_constraint k on k.conrelid = c.oid
    -- 18 stores not null as constraints; the columns say it already, the same on every version.
    where k.contype <> 'n'
  union all
  select p.oid, p.name, format('policy %s on %s %s %s to %s using %s check %s', y.polname, c.relname,
      case when y.polpermissive then 'permissive' else 'restrictive' end, y.polcmd,
      (select string_agg(case when r = 0 then 'public' else pg_get_userbyid(r) end, ',' order by r) from unnest(y.polroles) r),
      pg_get_expr(y.polqual, y.polrelid), pg_get_expr(y.polwithcheck, y.polrelid))
    from place p join pg_class c on c.relnamespace = p.oid join pg_policy y on y.polrelid = c.oid
  union all
  select p.oid, p.name, format('function %s(%s) returns %s %s%s %s owner=%s config=%s body=%s; %s', f.proname,
      pg_get_function_identity_arguments(f.oid), pg_get_function_result(f.oid), l.lanname,
      case when f.prosecdef then ' security definer' else '' end, f.provolatile, pg_get_userbyid(f.proowner), f.proconfig,
      md5(replace(coalesce(pg_get_function_sqlbody(f.oid), f.prosrc), p.name, '{{schema}}')), ${acl("f.proacl", "'f'", "f.proowner")})
    from place p join pg_proc f on f.pronamespace = p.oid join pg_language l on l.oid = f.prolang
  union all
  select p.oid, p.name, format('trigger %s', pg_get_triggerdef(t.oid))
    from place p join pg_class c on c.relnamespace = p.oid join pg_trigger t on t.tgrelid = c.oid where not t.tgisinternal
  union all
  select p.oid, p.name, format('rule %s', pg_get_ruledef(w.oid))
    from place p join pg_class c on c.relnamespace = p.oid join pg_rewrite w on w.ev_class = c.oid
  union all
  select p.oid, p.name, format('type %s kind=%s owner=%s', y.typname, y.typtype, pg_get_userbyid(y.typowner))
    from place p join pg_type y on y.typnamespace = p.oid where y.typrelid = 0 and y.typelem = 0`;

const normalised = `
  with place as materialized (
    select n.oid, n.nspname as name from pg_namespace n
    where n.nspname ~ '^t_[a-z2-7]{12}$' and (n.nspname = any ($1::text[]) or $1::text[] is null)),
  department as (select d.schema_name, d.id::text as id from federation.department d)
  select o.name as schema, replace(replace(replace(o.line, o.name, '{{schema}}'), 'd_' || substr(o.name, 3), '{{role}}'),
    coalesce(d.id, '{{department_id}}'), '{{department_id}}') as line
  from (${listing}) o left join department d on d.schema_name = o.name`;
