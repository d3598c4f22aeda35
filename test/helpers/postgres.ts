// Real Postgres for tests. The wrapper of `npm test` starts one server and passes its URL on in
// TEST_DATABASE_ADMIN_URL; a test file clones a migrated template into a database of its own. Without the variable
// a process starts a server for itself and stops it with its last database. Any Postgres ≥ 15 will do.
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { startEmbedded } from "../../src/db/embedded.ts";
import { commandOf } from "../../src/db/embedded/lock-file.ts";
import { migrate } from "../../src/db/migrate.ts";
import type { Sql } from "../../src/db/tx.ts";
import { queueChecksum } from "../../src/queue/install.ts";

const roles = ["app", "gateway", "provisioner"] as const;
export type LoginRole = (typeof roles)[number];

export interface TestDatabase {
  name: string;
  /** The superuser's, on this database. */
  adminUrl: string;
  appUrl: string;
  gatewayUrl: string;
  provisionerUrl: string;
  url(role: LoginRole): string;
  /** Fails when the test left a connection open. */
  drop(): Promise<void>;
  /** The same as drop. */
  close(): Promise<void>;
}

export interface Template {
  name: string;
  /** Another value: the template is built anew. */
  fingerprint: string;
  build(adminUrl: string): Promise<unknown>;
}

/** A fresh database with every migration applied. */
export async function testDatabase(options: { template?: Template } = {}): Promise<TestDatabase> {
  const server = await useServer();
  try {
    const template = options.template ?? (await migratedTemplate());
    const name = `test_${randomBytes(6).toString("hex")}`;
    const password = await withAdmin(server.adminUrl, (admin) =>
      clone(admin, server.adminUrl, template, name),
    );
    const url = (role: LoginRole) =>
      urlOf(server.adminUrl, name, { username: `federation_${role}`, password });
    let dropped: Promise<void> | undefined;
    const drop = () => (dropped ??= dropFrom(server, name));
    return {
      name,
      adminUrl: urlOf(server.adminUrl, name),
      appUrl: url("app"),
      gatewayUrl: url("gateway"),
      provisionerUrl: url("provisioner"),
      url,
      drop,
      close: drop,
    };
  } catch (error) {
    await server.release();
    throw error;
  }
}

async function dropFrom(server: UsedServer, name: string) {
  try {
    await withAdmin(server.adminUrl, (admin) => dropDatabase(admin, name));
  } finally {
    await server.release();
  }
}

export interface TestServer {
  /** The value for TEST_DATABASE_ADMIN_URL. */
  adminUrl: string;
  stop(): Promise<void>;
}

// Only what a power cut would show is left out.
const settings = {
  fsync: "off",
  full_page_writes: "off",
  max_connections: "500",
  shared_buffers: "128MB",
  checkpoint_timeout: "1h",
};

/** An embedded server in a directory that goes with it; it ends with this process. */
export async function startTestServer(): Promise<TestServer> {
  await removeLeftovers();
  const home = await mkdtemp(join(tmpdir(), `${leftoverPrefix}${process.pid}-`));
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    const server = await startEmbedded({ directory: join(home, "data"), settings });
    return {
      adminUrl: server.url,
      async stop() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

const leftoverPrefix = "federation-test-";

/** Of test processes that were killed. */
async function removeLeftovers() {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(leftoverPrefix));
  const dead = names.filter(
    (name) => commandOf(Number.parseInt(name.slice(leftoverPrefix.length), 10)) === undefined,
  );
  await Promise.allSettled(dead.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
}

let own: { server: Promise<TestServer>; users: number } | undefined;

interface UsedServer {
  adminUrl: string;
  release(): Promise<void>;
}

/** The given server, or this process's own, which stops with its last user. */
async function useServer(): Promise<UsedServer> {
  const given = process.env["TEST_DATABASE_ADMIN_URL"];
  if (given) return { adminUrl: given, release: () => Promise.resolve() };
  own ??= { server: startTestServer(), users: 0 };
  const used = own;
  used.users += 1;
  const server = await used.server;
  const release = async () => {
    used.users -= 1;
    if (used.users > 0) return;
    if (own === used) own = undefined;
    await server.stop();
  };
  return { adminUrl: server.adminUrl, release };
}

async function migratedTemplate(): Promise<Template> {
  const directory = join(import.meta.dir, "../../sql");
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  const hash = createHash("sha256").update(queueChecksum());
  for (const name of names) hash.update(name).update(await readFile(join(directory, name)));
  return {
    name: "federation_template",
    fingerprint: hash.digest("hex"),
    build: (adminUrl) => migrate({ adminUrl }),
  };
}

// Locks of one session in the administrator's database: builders alone, cloners together.
const lockKey = 7_301_558;

/** Answers the password of the login roles. */
async function clone(admin: Sql, adminUrl: string, template: Template, name: string): Promise<string> {
  await admin`select pg_advisory_lock_shared(${lockKey})`;
  let password = await readPassword(admin, template);
  if (password === undefined) {
    await admin`select pg_advisory_unlock_shared(${lockKey}), pg_advisory_lock(${lockKey})`;
    password = (await readPassword(admin, template)) ?? (await buildTemplate(admin, adminUrl, template));
  }
  await admin`create database ${admin(name)} template ${admin(template.name)}`;
  await copyPrivileges(admin, template.name, name);
  return password;
}

async function buildTemplate(
  admin: Sql,
  adminUrl: string,
  { name, fingerprint, build }: Template,
): Promise<string> {
  const [old] = await admin`select from pg_database where datname = ${name}`;
  if (old) {
    await admin`alter database ${admin(name)} is_template false`;
    await admin`drop database ${admin(name)} with (force)`;
  }
  await admin`create database ${admin(name)}`;
  await build(urlOf(adminUrl, name));
  const password = randomBytes(18).toString("hex");
  for (const role of roles) await setPassword(admin, `federation_${role}`, password);
  await admin`alter database ${admin(name)} is_template true allow_connections false`;
  await admin.unsafe(`comment on database ${name} is '${fingerprint} ${password}'`);
  return password;
}

/** The comment is written last: without it the template is not finished. */
async function readPassword(admin: Sql, { name, fingerprint }: Template): Promise<string | undefined> {
  const [row] = await admin<{ comment: string | null }[]>`
    select shobj_description(oid, 'pg_database') as comment from pg_database where datname = ${name}`;
  const [built, password] = row?.comment?.split(" ") ?? [];
  return built === fingerprint ? password : undefined;
}

async function setPassword(admin: Sql, role: string, password: string) {
  const [known] = await admin`select from pg_roles where rolname = ${role}`;
  if (known) await admin.unsafe(`alter role ${role} password '${password}'`);
}

/** Privileges on the database itself are not part of a template. */
async function copyPrivileges(admin: Sql, template: string, name: string) {
  const grants = await admin<{ text: string }[]>`
    select format('grant %s on database %I to %s%s', a.privilege_type, ${name}::text,
      case a.grantee when 0 then 'public' else a.grantee::regrole::text end,
      case when a.is_grantable then ' with grant option' else '' end) as text
    from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
    where d.datname = ${template} and a.grantee <> d.datdba`;
  const statements = [`revoke all on database ${name} from public`, ...grants.map(({ text }) => text)];
  await admin.unsafe(statements.join(";"));
}

const graceMs = 2000;

async function dropDatabase(admin: Sql, name: string) {
  const startedMs = performance.now();
  let open = await openConnections(admin, name);
  // A server process leaves a moment after its client.
  while (open.length > 0 && performance.now() - startedMs < graceMs) {
    await Bun.sleep(10);
    open = await openConnections(admin, name);
  }
  await admin`drop database ${admin(name)} with (force)`;
  if (open.length > 0) throw new Error(`connections left open: ${open.join(", ")}`);
}

async function openConnections(admin: Sql, name: string): Promise<string[]> {
  const rows = await admin<{ text: string }[]>`
    select format('%s as %s (%s)', application_name, usename, left(query, 60)) as text
    from pg_stat_activity where datname = ${name} and backend_type = 'client backend'`;
  return rows.map(({ text }) => text);
}

/** One connection: the advisory locks end with it. */
async function withAdmin<T>(adminUrl: string, fn: (admin: Sql) => Promise<T>): Promise<T> {
  const admin = postgres(adminUrl, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: "test harness" },
  });
  try {
    return await fn(admin);
  } finally {
    await admin.end({ timeout: 5 });
  }
}

function urlOf(adminUrl: string, database: string, login?: { username: string; password: string }): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  if (login) Object.assign(url, login);
  return url.href;
}
