import { afterAll, beforeAll, expect, test } from "bun:test";
import { lintDatabase } from "../../src/db/lint/lint-database.ts";
import { schemaReference } from "../../src/departments/schema/schema-reference.ts";
import { type Department, isolationWorld, type World } from "../isolation/world.ts";

let world: World;
let a: Department;
let b: Department;
let reference: Awaited<ReturnType<typeof schemaReference>>;

beforeAll(async () => {
  world = await isolationWorld();
  [a, b] = await Promise.all([world.addDepartment(), world.addDepartment()]);
  reference = await schemaReference();
});
afterAll(() => world.close());

const lint = () => lintDatabase(world.provisioner, reference);

test("a sound database has no findings, and the lint leaves nothing behind", async () => {
  expect(await lint()).toEqual([]);
  const [row] = await world.admin`select count(*)::int as departments,
    (select count(*)::int from pg_namespace where nspname ~ '^t_') as schemas from federation.department`;
  expect(row).toEqual({ departments: 2, schemas: 2 });
});

/** What is planted in department {a}, how it is taken out again, and which rules must see it. */
const defects: [string, string, string, string[]][] = [
  [
    "row-level security off",
    "alter table {a}.document disable row level security",
    "alter table {a}.document enable row level security",
    ["rls_forced", "drift"],
  ],
  [
    "row-level security not forced on the owner",
    "alter table {a}.document no force row level security",
    "alter table {a}.document force row level security",
    ["rls_forced", "drift"],
  ],
  [
    "a table without policies",
    "set role federation_owner; create table {a}.extra (id uuid); reset role",
    "drop table {a}.extra",
    ["rls_forced", "restrictive_policies", "drift"],
  ],
  [
    "a lost roles policy",
    "drop policy roles on {a}.email",
    "create policy roles on {a}.email as restrictive using (gateway.role_in('{d_a}', 'federation_reader'))",
    ["restrictive_policies", "drift"],
  ],
  [
    "a roles policy that binds only one role",
    "drop policy roles on {a}.email; create policy roles on {a}.email as restrictive to {d_a} using (gateway.role_in('{d_a}', 'federation_reader'))",
    "drop policy roles on {a}.email; create policy roles on {a}.email as restrictive using (gateway.role_in('{d_a}', 'federation_reader'))",
    ["restrictive_policies", "drift"],
  ],
  [
    "a roles policy that names somebody else",
    "alter policy roles on {a}.email using (gateway.role_in('{d_b}', 'federation_reader'))",
    "alter policy roles on {a}.email using (gateway.role_in('{d_a}', 'federation_reader'))",
    ["restrictive_policies", "drift"],
  ],
  [
    "a sealed policy for another department",
    "alter policy sealed on {a}.email using (session_user = '{d_a}' or (select gateway.owns('{id_b}')))",
    "alter policy sealed on {a}.email using (session_user = '{d_a}' or (select gateway.owns('{id_a}')))",
    ["restrictive_policies", "drift"],
  ],
  [
    "a sealed policy that is always true",
    "alter policy sealed on {a}.email using (true)",
    "alter policy sealed on {a}.email using (session_user = '{d_a}' or (select gateway.owns('{id_a}')))",
    ["restrictive_policies", "drift"],
  ],
  [
    "a policy for another department's role",
    "create policy friend on {a}.email for select to {d_b} using (true)",
    "drop policy friend on {a}.email",
    ["permissive_policies", "drift"],
  ],
  [
    "a policy for everybody",
    "create policy friend on {a}.email for select using (true)",
    "drop policy friend on {a}.email",
    ["permissive_policies", "drift"],
  ],
  [
    "a reader that may write by policy",
    "create policy friend on {a}.email to federation_reader using (true)",
    "drop policy friend on {a}.email",
    ["permissive_policies", "drift"],
  ],
  [
    "a function called for every row",
    "create policy slow on {a}.email as restrictive using (current_setting('a.b', true) is null or gateway.owns('{id_a}'))",
    "drop policy slow on {a}.email",
    ["policy_functions", "drift"],
  ],
  [
    "a grant to PUBLIC",
    "grant select on {a}.email to public",
    "revoke select on {a}.email from public",
    ["grant_to_stranger", "drift"],
  ],
  [
    "a grant to another department's role",
    "grant select on {a}.email to {d_b}",
    "revoke select on {a}.email from {d_b}",
    ["grant_to_stranger", "drift"],
  ],
  [
    "a grant on one column",
    "grant select (subject) on {a}.email to federation_app",
    "revoke select (subject) on {a}.email from federation_app",
    ["grant_to_stranger", "drift"],
  ],
  [
    "usage of the schema for a stranger",
    "grant usage on schema {a} to {d_b}",
    "revoke usage on schema {a} from {d_b}",
    ["grant_to_stranger", "drift"],
  ],
  [
    "a function for everybody",
    "grant execute on function {a}.get_contact(jsonb) to public",
    "revoke execute on function {a}.get_contact(jsonb) from public",
    ["grant_to_stranger", "drift"],
  ],
  [
    "truncate",
    "grant truncate on {a}.email to {d_a}",
    "revoke truncate on {a}.email from {d_a}",
    ["grant_too_much", "drift"],
  ],
  [
    "references",
    "grant references on {a}.email to {d_a}",
    "revoke references on {a}.email from {d_a}",
    ["grant_too_much", "drift"],
  ],
  [
    "trigger",
    "grant trigger on {a}.email to {d_a}",
    "revoke trigger on {a}.email from {d_a}",
    ["grant_too_much", "drift"],
  ],
  [
    "a reader that may write",
    "grant insert on {a}.email to federation_reader",
    "revoke insert on {a}.email from federation_reader",
    ["grant_too_much", "drift"],
  ],
  [
    "a right to pass rights on",
    "grant select on {a}.email to {d_a} with grant option",
    "revoke grant option for select on {a}.email from {d_a}",
    ["grant_too_much", "drift"],
  ],
  [
    "a department that may create in its schema",
    "grant create on schema {a} to {d_a}",
    "revoke create on schema {a} from {d_a}",
    ["grant_too_much", "drift"],
  ],
  [
    "a department's audit that can be rewritten",
    "grant update on {a}.local_audit to {d_a}",
    "revoke update on {a}.local_audit from {d_a}",
    ["grant_too_much", "drift"],
  ],
  [
    "default privileges",
    "alter default privileges for role federation_owner in schema {a} grant select on tables to public",
    "alter default privileges for role federation_owner in schema {a} revoke select on tables from public",
    ["default_privileges"],
  ],
  [
    "another owner",
    "alter table {a}.email owner to postgres",
    "alter table {a}.email owner to federation_owner",
    ["owner", "drift"],
  ],
  [
    "a view that reads as its owner",
    "set role federation_owner; create view {a}.v as select id from {a}.email; reset role",
    "drop view {a}.v",
    ["view_invoker", "drift"],
  ],
  [
    "a view elsewhere that reads department data",
    "create view public.v as select id from {a}.email",
    "drop view public.v",
    ["view_invoker"],
  ],
  [
    "a materialised view",
    "set role federation_owner; create materialized view {a}.v as select 1 as x; reset role",
    "drop materialized view {a}.v",
    ["materialised_view", "drift"],
  ],
  [
    "a materialised view elsewhere",
    "create materialized view public.v as select id from {a}.email",
    "drop materialized view public.v",
    ["materialised_view"],
  ],
  [
    "a definer function with a loose search_path",
    "create function public.f() returns int language sql security definer as 'select 1'",
    "drop function public.f()",
    ["search_path"],
  ],
  [
    "a function of the schema with a loose search_path",
    "alter function {a}.get_contact(jsonb) reset search_path",
    "alter function {a}.get_contact(jsonb) set search_path = pg_catalog, pg_temp",
    ["search_path", "drift"],
  ],
  [
    "a definer function in the schema",
    "alter function {a}.get_contact(jsonb) security definer",
    "alter function {a}.get_contact(jsonb) security invoker",
    ["security_definer", "drift"],
  ],
  [
    "a foreign key to another department",
    "alter table {a}.file add constraint far foreign key (id) references {b}.document on delete cascade",
    "alter table {a}.file drop constraint far",
    ["foreign_key_leaves", "drift"],
  ],
  [
    "a foreign key without index",
    "drop index {a}.file_document",
    "create index file_document on {a}.file (document_id)",
    ["foreign_key_unindexed", "drift"],
  ],
  [
    "a table that inherits from another department's",
    "set role federation_owner; create table {a}.child () inherits ({b}.file); reset role",
    "drop table {a}.child",
    ["inheritance_leaves", "rls_forced", "restrictive_policies", "drift"],
  ],
  [
    "a serial id",
    "set role federation_owner; create sequence {a}.n; alter table {a}.file add column n bigint default nextval('{a}.n'); reset role",
    "alter table {a}.file drop column n; drop sequence {a}.n",
    ["serial_or_identity", "drift"],
  ],
  [
    "an identity column",
    "alter table {a}.file add column n bigint generated always as identity",
    "alter table {a}.file drop column n",
    ["serial_or_identity", "drift"],
  ],
  [
    "a column that is not in the template",
    "alter table {a}.file add column colour text",
    "alter table {a}.file drop column colour",
    ["drift"],
  ],
  [
    "a trigger",
    "create trigger t before insert on {a}.file for each row execute function suppress_redundant_updates_trigger()",
    "drop trigger t on {a}.file",
    ["drift"],
  ],
  [
    "a changed function",
    "alter function {a}.get_contact(jsonb) volatile",
    "alter function {a}.get_contact(jsonb) stable",
    ["drift"],
  ],
  [
    "a schema of no department",
    "create schema t_aaaaaaaaaaaa authorization federation_owner",
    "drop schema t_aaaaaaaaaaaa",
    ["schema_without_department", "drift"],
  ],
  [
    "a department without its schema",
    "alter schema {a} rename to lost",
    "alter schema lost rename to {a}",
    ["department_without_schema"],
  ],
  [
    "a schema that was not migrated",
    "update federation.department set schema_version = 1 where id = '{id_a}'",
    "update federation.department set schema_version = 2 where id = '{id_a}'",
    ["schema_outdated"],
  ],
  [
    "an audit that can be written around",
    "grant insert on audit.event to federation_app",
    "revoke insert on audit.event from federation_app",
    ["audit_append_only"],
  ],
  [
    "a department's role that inherits",
    "alter role {d_a} inherit",
    "alter role {d_a} noinherit",
    ["role_powers"],
  ],
  [
    "a department's role in another's",
    "grant {d_b} to {d_a}",
    "revoke {d_b} from {d_a}",
    ["role_membership"],
  ],
  [
    "a role of no department that still holds something here",
    "set role federation_provisioner; select federation_roles.add('bbbbbbbbbbbb'); reset role; grant usage on schema public to d_bbbbbbbbbbbb",
    "revoke usage on schema public from d_bbbbbbbbbbbb; set role federation_provisioner; select federation_roles.remove('bbbbbbbbbbbb'); reset role",
    ["role_without_department"],
  ],
];

for (const [name, plant, repair, rules] of defects) {
  test(`the lint finds ${name}`, async () => {
    await world.admin.unsafe(fill(plant));
    const findings = await lint();
    await world.admin.unsafe(fill(repair));
    expect([...new Set(findings.map(({ rule }) => rule))].toSorted()).toEqual(rules.toSorted());
    for (const { object, message } of findings)
      expect([object, message].every((text) => text.length > 0)).toBe(true);
  });
}

test("a schema that came back from a dump is the template's, however the dump nests its conditions", async () => {
  const constraints = await world.admin<{ text: string; table: string; name: string }[]>`
    select c.oid::regclass::text as table, k.conname as name, pg_get_constraintdef(k.oid) as text
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.contype = 'c' and c.relnamespace = ${a.schemaName}::regnamespace and c.relkind = 'r' and not c.relispartition`;
  expect(constraints.length).toBeGreaterThan(10);
  for (const { table, name, text } of constraints)
    await world.admin.unsafe(`alter table ${table} drop constraint ${name}, add constraint ${name} ${text}`);
  const [nested] = await world.admin<{ texts: string[] }[]>`
    select array_agg(pg_get_constraintdef(k.oid)) as texts from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.contype = 'c' and c.relnamespace = ${a.schemaName}::regnamespace`;
  expect(nested?.texts.toSorted()).not.toEqual(constraints.map(({ text }) => text).toSorted());
  expect(await lint()).toEqual([]);
});

test("after all repairs there are no findings again", async () => {
  expect(await lint()).toEqual([]);
});

function fill(text: string): string {
  const values: Record<string, string> = {
    a: a.schemaName,
    b: b.schemaName,
    d_a: a.roleName,
    d_b: b.roleName,
    id_a: a.id,
    id_b: b.id,
  };
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? name);
}
