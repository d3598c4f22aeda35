import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import type { Sql } from "../../src/db/tx.ts";
import { type Department, failureOf, isolationWorld, type World } from "./world.ts";

/** `database.direct_access` gives a department's role a login of its own: here its user is the attacker. */
let world: World;
let a: Department;
let b: Department;
let attacker: Sql;

const secret = "the-secret-of-b";

beforeAll(async () => {
  world = await isolationWorld();
  [a, b] = await Promise.all([world.addDepartment(), world.addDepartment()]);
  await world.addDocument(a, "own document");
  await world.addDocument(b, secret, secret);
  await world.provisioner`select federation_roles.login(${a.suffix}, ${verifierOf("pencil")}, 10)`;
  const url = new URL(world.adminUrl);
  url.username = a.roleName;
  url.password = "pencil";
  attacker = world.open(url.href, 3);
  await world.app`select 1`;
  await world.admin`analyze`;
});

afterAll(async () => {
  await attacker.end({ timeout: 2 });
  await world.close();
});

const run = (text: string) => failureOf(attacker.unsafe(text));
const denied = "42501";

test("the department's own login reads and writes its own data, without a seal", async () => {
  const [row] = await attacker.unsafe<{ user: string; n: number }[]>(
    `select session_user::text as user, count(*)::int as n from ${a.schemaName}.document`,
  );
  expect(row).toEqual({ user: a.roleName, n: 1 });
  expect(
    await run(
      `insert into ${a.schemaName}.contact (id, source, external_id, name) values (gen_random_uuid(), 's', '1', 'x')`,
    ),
  ).toBe("none");
});

describe("no statement reaches another department's rows", () => {
  const attempts: Record<string, () => string> = {
    select: () => `select * from ${b.schemaName}.document`,
    "select of no column": () => `select count(*) from ${b.schemaName}.document`,
    explain: () => `explain analyze select * from ${b.schemaName}.document`,
    copy: () => `copy ${b.schemaName}.document to stdout`,
    "copy of a query": () => `copy (select * from ${b.schemaName}.document) to stdout`,
    "copy to a program": () => "copy (select 1) to program 'true'",
    "copy from a file": () => `copy ${a.schemaName}.document (name) from '/etc/hostname'`,
    table: () => `table ${b.schemaName}.email`,
    insert: () =>
      `insert into ${b.schemaName}.contact (id, source, external_id, name) values (gen_random_uuid(), 's', '1', 'x')`,
    update: () => `update ${b.schemaName}.document set name = 'x'`,
    delete: () => `delete from ${b.schemaName}.document`,
    truncate: () => `truncate ${b.schemaName}.document`,
    lock: () => `select 1; lock table ${b.schemaName}.document`,
    "do block": () => `do $$ begin perform * from ${b.schemaName}.document; end $$`,
    "prepared statement": () => `prepare p as select * from ${b.schemaName}.document`,
    cursor: () => `declare c cursor for select * from ${b.schemaName}.document; fetch all in c`,
    "named query of the other": () => `select ${b.schemaName}.search_documents('{"query":"secret"}')`,
    "search_path to the other": () =>
      `set search_path = ${b.schemaName}; select ${b.schemaName}.get_document('{}')`,
    query_to_xml: () => `select query_to_xml('select * from ${b.schemaName}.document', true, true, '')`,
    table_to_xml: () => `select table_to_xml('${b.schemaName}.document'::regclass, true, true, '')`,
    ts_stat: () => `select * from ts_stat('select search from ${b.schemaName}.document')`,
    "the other's role": () => `set role ${b.roleName}`,
    owner: () => "set role federation_owner",
    reader: () => "set role federation_reader",
    gateway: () => "set role federation_gateway",
    app: () => "set role federation_app",
    "session authorization": () => `set session authorization ${b.roleName}`,
    "row_security off": () => `set row_security = off; select * from ${b.schemaName}.document`,
    "control tables": () => "select * from federation.department",
    grants: () => "select * from federation.access_grant",
    audit: () => "select * from audit.event",
    "audit append": () => "select audit.append('[]')",
    "seal keys": () => "select * from gateway.seal_key",
    "gateway functions": () => `select gateway.owns('${b.id}')`,
    "role functions": () => `select federation_roles.login('${b.suffix}', 'x', 1)`,
    queue: () => "select * from pgboss.job",
    "statistics of columns": () => "select * from pg_statistic",
    "extended statistics": () => "select * from pg_statistic_ext_data",
    "password hashes": () => "select * from pg_authid",
    "server files": () => "select pg_read_file('PG_VERSION')",
    "grant to oneself": () => `grant select on ${b.schemaName}.document to ${a.roleName}`,
    "own a table of the other": () => `alter table ${b.schemaName}.document owner to ${a.roleName}`,
    "policy off on one's own": () => `alter table ${a.schemaName}.document disable row level security`,
    "policy on one's own": () => `create policy mine on ${a.schemaName}.document using (true)`,
    view: () => `create view ${a.schemaName}.v as select * from ${b.schemaName}.document`,
    "function in the own schema": () =>
      `create function ${a.schemaName}.f() returns int language sql as 'select 1'`,
    "function that replaces a named query": () =>
      `create or replace function ${a.schemaName}.search_documents(params jsonb) returns jsonb language sql security definer as 'select null::jsonb'`,
    "function in public": () => "create function public.f() returns int language sql as 'select 1'",
    "temporary table": () => "create temporary table t (id int)",
    "temporary function": () => "create function pg_temp.f() returns int language sql as 'select 1'",
    "temporary operator to shadow": () =>
      "create operator pg_temp.= (leftarg = uuid, rightarg = uuid, function = uuid_ne)",
    schema: () => "create schema mine",
    "trigger on one's own": () =>
      `create trigger t before insert on ${a.schemaName}.document for each row execute function suppress_redundant_updates_trigger()`,
    "trigger on the other's": () =>
      `create trigger t before insert on ${b.schemaName}.document for each row execute function suppress_redundant_updates_trigger()`,
    rule: () =>
      `create rule r as on select to ${a.schemaName}.document do instead select * from ${b.schemaName}.document`,
    "index with an expression": () => `create index on ${a.schemaName}.document ((1 / 0))`,
    "foreign key as an oracle": () =>
      `alter table ${a.schemaName}.file add foreign key (id) references ${b.schemaName}.document`,
    inherit: () => `create table ${a.schemaName}.child () inherits (${b.schemaName}.document)`,
    "truncate one's own": () => `truncate ${a.schemaName}.document`,
    "rewrite one's own audit": () => `update ${a.schemaName}.local_audit set actor = 'x'`,
    "erase one's own audit": () => `delete from ${a.schemaName}.local_audit`,
    publication: () => "create publication p for all tables",
    extension: () => "create extension dblink",
    server: () => "create server s foreign data wrapper postgres_fdw",
    "large object": () => "select lo_create(0)",
    "large object from a file": () => "select lo_import('/etc/hostname')",
    "advisory lock": () => "select pg_advisory_lock(1)",
    "end the others' sessions": () =>
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = 'federation_app'",
    "attach a partition": () =>
      `alter table audit.event attach partition ${a.schemaName}.document for values from (0) to (1)`,
    "definer function by event trigger": () =>
      "create event trigger e on ddl_command_end execute function audit.refuse()",
  };
  for (const [name, text] of Object.entries(attempts)) {
    test(name, async () => {
      const code = await run(text());
      // 42501 privilege, 0LP01/28000 authorization, 0A000/42704 nothing of the kind is there, 3F000/42P01/42883 out of sight.
      expect([denied, "42704", "0A000", "42883", "3F000", "42P01"]).toContain(code);
    });
  }
});

test("audit partitions give nothing when read directly", async () => {
  const partitions = await world.admin<{ name: string }[]>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit.event'::regclass`;
  expect(partitions.length).toBeGreaterThan(0);
  for (const { name } of partitions) expect(await run(`select * from ${name}`)).toBe(denied);
});

test("setting a seal variable, forged or for the other department, opens nothing of the other", async () => {
  for (const seal of ["", b.id, `${Date.now() * 2000}.${"0".repeat(64)}`, world.sealOwn(b.id)]) {
    expect(await run(`set gateway.seal = '${seal}'; select * from ${b.schemaName}.document`)).toBe(denied);
  }
  await attacker.unsafe("reset gateway.seal");
});

test("planner statistics show nothing of the other department", async () => {
  const rows = await attacker`select * from pg_stats where schemaname = ${b.schemaName}`;
  expect(rows.length).toBe(0);
  const dump = JSON.stringify(await attacker`select s::text from pg_stats s`);
  expect(dump).not.toContain(secret);
});

test("what others run right now is not shown", async () => {
  await world.admin.unsafe(`select '${secret}'`);
  const dump = JSON.stringify(
    await attacker`select query from pg_stat_activity where usename <> session_user`,
  );
  expect(dump).not.toContain(secret);
});

test("a value taken in the other department is free in one's own: no unique oracle", async () => {
  const row = { id: Bun.randomUUIDv7(), external_id: "taken" };
  const insert = (schema: string) =>
    `insert into ${schema}.document (id, source, external_id, name) values ('${row.id}', 's', '${row.external_id}', 'x')`;
  await world.admin.unsafe(insert(b.schemaName));
  expect(await run(insert(a.schemaName))).toBe("none");
});

test("listening hears nothing of what the platform does with the other department", async () => {
  const heard: string[] = [];
  for (const channel of [b.schemaName, b.roleName, "pgboss", "federation"]) {
    await attacker.listen(channel, (payload) => void heard.push(payload));
  }
  await world.addDocument(b, "another one");
  await attacker`select 1`;
  expect(heard).toEqual([]);
});

test("the limits of the login cannot be lifted for the next session, and the name does not tell whose role it is", async () => {
  expect(await run(`alter role ${a.roleName} superuser`)).toBe(denied);
  expect(await run(`alter role ${a.roleName} bypassrls`)).toBe(denied);
  expect(await run(`alter role ${a.roleName} connection limit 1000`)).toBe(denied);
  expect(await run(`alter role ${b.roleName} login password 'x'`)).toBe(denied);
});

test("after the login is taken away its sessions are gone and it cannot come back", async () => {
  const c = await world.addDepartment();
  await world.provisioner`select federation_roles.login(${c.suffix}, ${verifierOf("pencil")}, 5)`;
  const url = new URL(world.adminUrl);
  url.username = c.roleName;
  url.password = "pencil";
  const session = world.open(url.href, 1);
  await session`select 1`;
  await world.provisioner`select federation_roles.nologin(${c.suffix})`;
  expect(await failureOf(session`select 1`)).not.toBe("none");
  await session.end({ timeout: 1 });
});

/** A SCRAM-SHA-256 verifier (RFC 5803), so that the server never sees the password. */
function verifierOf(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, 4096, 32, "sha256");
  const hmac = (text: string) => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(hmac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$4096:${salt.toString("base64")}$${stored}:${hmac("Server Key").toString("base64")}`;
}
