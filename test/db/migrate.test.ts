import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PgBoss } from "pg-boss";
import postgres from "postgres";
import { migrate } from "../../src/db/migrate.ts";
import type { Sql } from "../../src/db/tx.ts";
import { testDatabase } from "../helpers/postgres.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
let admin: Sql;
let scratch: string;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await testDatabase();
  admin = postgres(database.adminUrl, { max: 4, onnotice: () => {} });
  scratch = await mkdtemp(join(tmpdir(), "migrate-"));
});

afterAll(async () => {
  for (const close of closers.toReversed()) await close();
  await admin.end();
  await database.close();
  await rm(scratch, { recursive: true });
});

const randomName = (prefix: string) => prefix + crypto.randomUUID().replaceAll("-", "").slice(0, 12);

/** Roles are the cluster's, and other test files share it. */
const randomSuffix = () =>
  Array.from(
    crypto.getRandomValues(new Uint8Array(12)),
    (byte) => "abcdefghijklmnopqrstuvwxyz234567"[byte % 32],
  ).join("");

async function emptyDatabase(owner?: string): Promise<string> {
  const name = randomName("migrate_");
  await admin.unsafe(`create database ${name} ${owner ? `owner ${owner}` : ""}`);
  closers.push(() => admin.unsafe(`drop database ${name} with (force)`));
  const url = new URL(database.adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function open(url: string, role?: string): Sql {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connection: role === undefined ? {} : { role } });
  closers.push(() => sql.end({ timeout: 2 }));
  return sql;
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "no error",
    (error: { code?: string }) => error.code,
  );

async function sqlCopy(): Promise<string> {
  const directory = join(scratch, randomName("sql_"));
  await cp(join(import.meta.dir, "../../sql"), directory, { recursive: true });
  return directory;
}

test("five processes that migrate an empty database at once apply every file once", async () => {
  const adminUrl = await emptyDatabase();
  const results = await Promise.all(Array.from({ length: 5 }, () => migrate({ adminUrl })));
  const applied = results.flatMap((result) => result.applied).sort();
  expect(applied).toContain("0001_roles.sql");
  expect(applied).toEqual([...new Set(applied)]);
  expect(await migrate({ adminUrl })).toEqual({ applied: [] });
});

test("several databases of one cluster migrate at once, though roles are shared", async () => {
  const urls = await Promise.all(Array.from({ length: 4 }, () => emptyDatabase()));
  const results = await Promise.all(urls.map((adminUrl) => migrate({ adminUrl })));
  expect(results.map(({ applied }) => applied[0])).toEqual(Array(4).fill("0001_roles.sql"));
});

test("a file that changed after it was applied is named and nothing is applied", async () => {
  const adminUrl = await emptyDatabase();
  const sqlDirectory = await sqlCopy();
  await migrate({ adminUrl, sqlDirectory });
  await writeFile(join(sqlDirectory, "9998_new.sql"), "create schema never;");
  await writeFile(join(sqlDirectory, "0003_audit.sql"), "select 1;");
  const refused = await migrate({ adminUrl, sqlDirectory }).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: "migration_changed",
    message: expect.stringContaining("0003_audit.sql"),
  });
  expect(await open(adminUrl)`select to_regnamespace('never') as found`).toMatchObject([{ found: null }]);
});

test("a file that fails leaves nothing of itself and is applied once it is right", async () => {
  const adminUrl = await emptyDatabase();
  const sqlDirectory = await sqlCopy();
  const file = join(sqlDirectory, "9999_last.sql");
  await writeFile(file, "create schema half; select 1 / 0;");
  expect(await codeOf(migrate({ adminUrl, sqlDirectory }))).toBe("migration_failed");
  await writeFile(file, "create schema half;");
  expect((await migrate({ adminUrl, sqlDirectory })).applied).toEqual(["9999_last.sql", "queue"]);
});

test("a new file that sorts before an applied one is refused", async () => {
  const adminUrl = await emptyDatabase();
  const sqlDirectory = await sqlCopy();
  await migrate({ adminUrl, sqlDirectory });
  await writeFile(join(sqlDirectory, "0000_late.sql"), "select 1;");
  expect(await codeOf(migrate({ adminUrl, sqlDirectory }))).toBe("migration_unordered");
});

test("federation_app sends, fetches, completes, schedules and listens without owning the queue", async () => {
  const url = new URL(database.adminUrl);
  url.searchParams.set("options", "-c role=federation_app");
  const boss = new PgBoss({
    connectionString: url.href,
    migrate: false,
    createSchema: false,
    useListenNotify: true,
    max: 2,
  });
  const failures: unknown[] = [];
  boss.on("error", (error) => failures.push(error));
  boss.on("warning", (warning) => failures.push(warning));
  await boss.start();
  closers.push(() => boss.stop({ graceful: false }));

  const { rows } = await boss.getDb().executeSql("select current_user as role");
  expect(rows).toEqual([{ role: "federation_app" }]);
  const id = await boss.send("run", { run_id: "one" });
  const [job] = await boss.fetch<{ run_id: string }>("run");
  expect(job).toMatchObject({ id: id ?? "", data: { run_id: "one" } });
  await boss.complete("run", id ?? "");
  expect(await boss.findJobs("run", { id: id ?? "" })).toMatchObject([{ state: "completed" }]);

  await boss.schedule("run", "*/5 * * * *", { run_id: "tick" });
  expect(await boss.getSchedules("run")).toHaveLength(1);
  await boss.unschedule("run");

  const woken = Promise.withResolvers<unknown>();
  await boss.work<{ run_id: string }>("run", { pollingIntervalSeconds: 30 }, async ([next]) =>
    woken.resolve(next?.data),
  );
  await Bun.sleep(100);
  await boss.send("run", { run_id: "two" });
  expect(await woken.promise).toEqual({ run_id: "two" });
  await boss.supervise("run");
  expect(failures).toEqual([]);
}, 20_000);

test("no role of ours is superuser, passes row-level security or owns the database", async () => {
  const roles = await admin`
    select rolname from pg_roles where rolname like 'federation\_%' and (rolsuper or rolbypassrls or rolreplication)`;
  expect([...roles]).toEqual([]);
});

test("a department's login connects only while it is granted, with its limits, and leaves nothing behind", async () => {
  const sql = open(database.adminUrl, "federation_provisioner");
  const suffix = randomSuffix();
  await sql`select federation_roles.add(${suffix})`;
  const url = new URL(database.adminUrl);
  url.username = `d_${suffix}`;
  const connect = () => codeOf(openOnce(url.href));
  expect(await connect()).not.toBe("no error");
  await sql`select federation_roles.login(${suffix}, ${verifier}, 3)`;
  const [role] = await admin`
    select rolcanlogin, rolconnlimit, rolpassword = ${verifier} as stored, setconfig
    from pg_authid a join pg_db_role_setting s on s.setrole = a.oid where rolname = ${`d_${suffix}`}`;
  expect(role).toMatchObject({ rolcanlogin: true, rolconnlimit: 3, stored: true });
  expect(role?.["setconfig"]).toEqual(
    expect.arrayContaining([
      "statement_timeout=30s",
      "idle_in_transaction_session_timeout=30s",
      "temp_file_limit=256MB",
    ]),
  );
  await sql`select federation_roles.nologin(${suffix})`;
  expect(await connect()).not.toBe("no error");
  await sql`select federation_roles.login(${suffix}, ${verifier}, 3)`;
  await sql`select federation_roles.remove(${suffix})`;
  expect(await admin`select from pg_roles where rolname = ${`d_${suffix}`}`).toHaveLength(0);
});

const verifier = `SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$${"A".repeat(43)}=:${"B".repeat(43)}=`;

async function openOnce(url: string) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`select 1`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

test.each([
  "",
  "abcdefghijk",
  "abcdefghijklm",
  "ABCDEFGHIJKL",
  "abcdefghijk1",
  "abcdefghijk;",
  "abcdefghijkl\n",
])("%j is no department suffix for any role function", async (suffix) => {
  const sql = open(database.adminUrl, "federation_provisioner");
  expect(await codeOf(sql`select federation_roles.add(${suffix})`.execute())).toBe("22023");
  expect(await codeOf(sql`select federation_roles.remove(${suffix})`.execute())).toBe("22023");
  expect(await codeOf(sql`select federation_roles.login(${suffix}, ${verifier}, 1)`.execute())).toBe("22023");
  expect(await codeOf(sql`select federation_roles.nologin(${suffix})`.execute())).toBe("22023");
});

test.each([
  "plain",
  "md5abcdefabcdefabcdefabcdefabcdefab",
  "SCRAM-SHA-256$4096:a$b:c",
  `${verifier}'; select 1`,
])("%j is no verifier, so no password is ever sent in the clear", async (wrong) => {
  const sql = open(database.adminUrl, "federation_provisioner");
  expect(await codeOf(sql`select federation_roles.login('abcdefghijkl', ${wrong}, 1)`.execute())).toBe(
    "22023",
  );
});

test.each(["federation_app", "federation_gateway"])(
  "%s makes no roles, schemas, temporary tables or large objects",
  async (role) => {
    const sql = open(database.adminUrl, role);
    expect(await codeOf(sql`select federation_roles.add('abcdefghijkl')`.execute())).toBe("42501");
    expect(await codeOf(sql`create schema mine`.execute())).toBe("42501");
    expect(await codeOf(sql`create table public.mine ()`.execute())).toBe("42501");
    expect(await codeOf(sql`create temporary table mine ()`.execute())).toBe("42501");
    expect(await codeOf(sql`select lo_creat(-1)`.execute())).toBe("42501");
    expect(await codeOf(sql`select lo_from_bytea(0, 'x')`.execute())).toBe("42501");
    expect(await codeOf(sql`select pg_advisory_lock(1)`.execute())).toBe("42501");
    expect(await codeOf(sql`select * from federation_ledger.migration`.execute())).toBe("42501");
  },
);
