// Brings one database to the newest schema: numbered files of sql/, each in a transaction with its ledger row,
// then the queue. Safe to run from every process at once: the ledger's lock lets one file be applied at a time.
// A crash leaves whole files applied or not. A file that was applied must never change.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { FederationError } from "../errors.ts";
import { installQueue, queueChecksum } from "../queue/install.ts";
import { openClient } from "./open-client.ts";
import { type Sql, type Tx, withTx } from "./tx.ts";

export interface MigrateOptions {
  /** Superuser, or owner of the database with CREATEROLE. */
  adminUrl: string;
  sqlDirectory?: string;
  log?: (message: string) => void;
}

/**
 * Applies what is missing and answers the names of it. Throws `migration_changed` (naming the file, nothing
 * applied) when an applied file has another content now, `migration_unordered` when a new file sorts before an applied one.
 */
export async function migrate(options: MigrateOptions): Promise<{ applied: string[] }> {
  const { adminUrl, sqlDirectory, log = () => {} } = options;
  const files = await readFiles(sqlDirectory);
  const admin = openClient(adminUrl, {
    max: 1,
    connection: { application_name: "federation migrate", search_path: "pg_catalog" },
  });
  try {
    await createLedger(admin);
    let ledger = await readLedger(admin);
    const applied: string[] = [];
    for (let next = pending(files, ledger); next; next = pending(files, ledger)) {
      ledger = await withTx(admin, (tx) => applyNext(tx, files, applied));
      log(`applied ${next.name}`);
    }
    if (ledger.get(queue) !== queueChecksum()) {
      if (await withTx(admin, (tx) => applyQueue(tx, adminUrl))) applied.push(queue);
    }
    return { applied };
  } finally {
    await admin.end({ timeout: 5 });
  }
}

interface SqlFile {
  name: string;
  text: string;
  checksum: string;
}

type Ledger = Map<string, string>;

/** The ledger's name for pg-boss's schema and our queues, which have no file. */
const queue = "queue";

/** In the order in which they are applied. */
export async function readFiles(directory = join(import.meta.dir, "../../sql")): Promise<SqlFile[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort();
  return await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(directory, name), "utf8");
      return { name, text, checksum: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

/** Two first migrations may meet here: whoever comes second finds the work done. */
async function createLedger(admin: Sql) {
  await admin.unsafe(`do $$ begin
    if to_regclass('federation_ledger.migration') is not null then return; end if;
    create schema federation_ledger;
    create table federation_ledger.migration (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default clock_timestamp()
    );
  exception when unique_violation or duplicate_schema or duplicate_table then null;
  end $$`);
}

/** Checksums by name, of what was applied. */
export async function readLedger(sql: Sql | Tx): Promise<Ledger> {
  const rows = await sql<{ name: string; checksum: string }[]>`
    select name, checksum from federation_ledger.migration`;
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

function pending(files: SqlFile[], ledger: Ledger): SqlFile | undefined {
  for (const { name, checksum } of files) {
    const known = ledger.get(name);
    if (known !== undefined && known !== checksum) {
      throw new FederationError(
        "migration_changed",
        `The migration ${name} was applied with another content.`,
      );
    }
  }
  const next = files.find(({ name }) => !ledger.has(name));
  const later = next && files.find(({ name }) => name > next.name && ledger.has(name));
  if (later) {
    throw new FederationError(
      "migration_unordered",
      `The migration ${next.name} comes after ${later.name} was applied.`,
    );
  }
  return next;
}

// A lock only the ledger's owner can take: advisory locks are open to whoever has a login.
const lockLedger = "lock table federation_ledger.migration in share row exclusive mode";

async function applyNext(tx: Tx, files: SqlFile[], applied: string[]): Promise<Ledger> {
  await tx.unsafe(lockLedger);
  const next = pending(files, await readLedger(tx));
  if (next) {
    await applyFile(tx, next);
    applied.push(next.name);
  }
  return await readLedger(tx);
}

async function applyFile(tx: Tx, { name, text, checksum }: SqlFile) {
  await tx.unsafe(joinReader);
  try {
    await tx.unsafe(text);
  } catch (cause) {
    throw new FederationError("migration_failed", `The migration ${name} failed.`, { cause });
  }
  await tx.unsafe("set local role none");
  await tx.unsafe(leaveReader);
  await tx`insert into federation_ledger.migration (name, checksum) values (${name}, ${checksum})`;
}

/** False when another process was faster. */
async function applyQueue(tx: Tx, adminUrl: string): Promise<boolean> {
  await tx.unsafe(lockLedger);
  const checksum = queueChecksum();
  if ((await readLedger(tx)).get(queue) === checksum) return false;
  await installQueue(adminUrl);
  await tx`insert into federation_ledger.migration (name, checksum) values (${queue}, ${checksum})
    on conflict (name) do update set checksum = excluded.checksum, applied_at = clock_timestamp()`;
  return true;
}

// Nobody is a member of federation_reader in operation. An administrator without superuser becomes one for the
// time of a file, to hand functions to it.
const asReader = (statement: string) => `do $$ begin
  if to_regrole('federation_reader') is not null
    and not (select rolsuper from pg_roles where rolname = session_user) then
    execute format('${statement}', session_user);
  end if;
end $$`;
const joinReader = asReader("grant federation_reader to %I");
const leaveReader = asReader("revoke federation_reader from %I");
