/** What a rule found: `object` is what to look at in the database, `message` what is wrong with it. */
export interface Finding {
  rule: string;
  object: string;
  message: string;
}

/** One query over all department schemas at once, by oid in pg_catalog; each row is a finding. */
export interface Rule {
  rule: string;
  query: string;
}

/** The relation `place`: every schema that looks like a department's, with the role that belongs to it. */
export const places = `place as materialized (
  select n.oid, n.nspname as name, r.oid as role, 'd_' || substr(n.nspname, 3) as role_name
  from pg_namespace n left join pg_roles r on r.rolname = 'd_' || substr(n.nspname, 3)
  where n.nspname ~ '^t_[a-z2-7]{12}$')`;
