import { places, type Rule } from "./rule.ts";

/** Rows: who sees which, and that nothing crosses from one department to another. */
export const tableRules: Rule[] = [
  {
    rule: "rls_forced",
    query: `with ${places}
      select format('%I.%I', p.name, c.relname) as object, 'row-level security is not enabled and forced' as message
      from place p join pg_class c on c.relnamespace = p.oid
      where c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)`,
  },
  {
    rule: "foreign_table",
    query: `with ${places}
      select format('%I.%I', p.name, c.relname) as object, 'foreign tables have no row-level security' as message
      from place p join pg_class c on c.relnamespace = p.oid where c.relkind = 'f'`,
  },
  {
    rule: "restrictive_policies",
    query: `with ${places}
      select format('%I.%I', p.name, c.relname) as object, wanted.message
      from place p join pg_class c on c.relnamespace = p.oid
      cross join (values
        ('roles', 'no restrictive policy to public that says who may be here at all'),
        ('sealed', 'no restrictive policy that asks the department''s role for its login or a seal')
      ) as wanted (policy, message)
      where c.relkind in ('r', 'p') and not exists (
        select from pg_policy y where y.polrelid = c.oid and y.polname = wanted.policy
          and not y.polpermissive and y.polcmd = '*'
          and case wanted.policy
            when 'roles' then y.polroles = '{0}' and y.polwithcheck is null
              and pg_get_expr(y.polqual, y.polrelid) =
                format('gateway.role_in(VARIADIC ARRAY[%L::name, ''federation_reader''::name])', p.role_name)
            else y.polroles = array[p.role] and y.polwithcheck is null
              and pg_get_expr(y.polqual, y.polrelid) ~
                format('^\\(\\(SESSION_USER = ''%s''::name\\) OR \\( SELECT gateway\\.owns\\(''%s''::uuid\\) AS owns\\)\\)$',
                  p.role_name, coalesce((select d.id::text from federation.department d where d.schema_name = p.name), '[0-9a-f-]{36}'))
          end)`,
  },
  {
    rule: "permissive_policies",
    query: `with ${places}
      select format('%I on %I.%I', y.polname, p.name, c.relname) as object,
        'lets in somebody else than the department''s role, or federation_reader for more than select' as message
      from place p join pg_class c on c.relnamespace = p.oid join pg_policy y on y.polrelid = c.oid
      where y.polpermissive and not (y.polroles = array[p.role]
        or (y.polroles = array['federation_reader'::regrole::oid] and y.polcmd = 'r'))`,
  },
  {
    rule: "policy_functions",
    query: `with ${places}, expression as (
        select p.name, c.relname, y.polname,
          regexp_replace(regexp_replace(concat_ws(' ', pg_get_expr(y.polqual, y.polrelid),
            pg_get_expr(y.polwithcheck, y.polrelid)), '''[^'']*''', '', 'g'),
            'SELECT [a-z_0-9.]+\\(|gateway\\.role_in\\(', '', 'g') as rest
        from place p join pg_class c on c.relnamespace = p.oid join pg_policy y on y.polrelid = c.oid)
      select format('%I on %I.%I', polname, name, relname) as object,
        'calls a function for every row: write (select f())' as message
      from expression where rest ~ '[a-z_0-9]\\('`,
  },
  {
    rule: "foreign_key_leaves",
    query: `with ${places}
      select format('%I on %I.%I', k.conname, n.nspname, c.relname) as object,
        'a foreign key from or to another schema tells what exists there' as message
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_class f on f.oid = k.confrelid
      where k.contype = 'f' and c.relnamespace <> f.relnamespace
        and (c.relnamespace in (select oid from place) or f.relnamespace in (select oid from place))`,
  },
  {
    rule: "inheritance_leaves",
    query: `with ${places}
      select h.inhrelid::regclass::text as object, 'inherits from a table in another schema' as message
      from pg_inherits h join pg_class c on c.oid = h.inhrelid join pg_class f on f.oid = h.inhparent
      where c.relnamespace <> f.relnamespace
        and (c.relnamespace in (select oid from place) or f.relnamespace in (select oid from place))`,
  },
  {
    rule: "foreign_key_unindexed",
    query: `with ${places}
      select format('%I on %I.%I', k.conname, p.name, c.relname) as object,
        'no index begins with the foreign key''s columns' as message
      from place p join pg_class c on c.relnamespace = p.oid join pg_constraint k on k.conrelid = c.oid
      where k.contype = 'f' and not exists (
        select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indpred is null
          and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`,
  },
  {
    rule: "serial_or_identity",
    query: `with ${places}
      select format('%I.%I.%I', p.name, c.relname, a.attname) as object,
        'ids that count up tell how much there is: make a uuidv7 in the application' as message
      from place p join pg_class c on c.relnamespace = p.oid join pg_attribute a on a.attrelid = c.oid
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
        and (a.attidentity <> '' or (a.attgenerated = '' and pg_get_expr(d.adbin, d.adrelid) like '%nextval(%'))
      union all
      select format('%I.%I', p.name, c.relname), 'a sequence in a department''s schema'
      from place p join pg_class c on c.relnamespace = p.oid where c.relkind = 'S'`,
  },
];
