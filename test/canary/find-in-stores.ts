// Where a secret may have come to rest: every file the installation wrote, Postgres' own log with every statement and
// parameter in it, every column of every table (that is what a dump holds), the command lines of our processes.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Glob } from "bun";
import type { Sql } from "../../src/db/tx.ts";

export interface Store {
  name: string;
  text: string;
}

export interface Stores {
  /** Directories of the installation: logs, artifacts, anchors. */
  directories: readonly string[];
  postgresLog: string;
  /** A superuser's. */
  sql: Sql;
}

export async function readStores({ directories, postgresLog, sql }: Stores): Promise<Store[]> {
  const [files, tables, commands] = await Promise.all([
    Promise.all(directories.map(readFiles)),
    readTables(sql),
    readCommandLines(),
  ]);
  return [
    { name: "Postgres log", text: await readFile(postgresLog, "latin1") },
    ...files.flat(),
    ...tables,
    ...commands,
  ];
}

/** `<store>: <secret's name>` for every secret found, in any spelling it is likely to take. */
export function findSecrets(stores: readonly Store[], secrets: ReadonlyMap<string, string>): string[] {
  const wanted = [...secrets].flatMap(([name, secret]) => spellings(secret).map((text) => ({ name, text })));
  return [
    ...new Set(
      stores.flatMap((store) =>
        wanted.filter(({ text }) => store.text.includes(text)).map(({ name }) => `${store.name}: ${name}`),
      ),
    ),
  ];
}

function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Inside a longer text base64 may start at any of three offsets: the middle of each is the same wherever it stands.
  const inside = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .slice(4, -4),
  );
  return [secret, bytes.toString("hex"), encodeURIComponent(secret), ...inside].filter(
    (text) => text.length >= 12,
  );
}

async function readFiles(directory: string): Promise<Store[]> {
  const names = await Array.fromAsync(new Glob("**/*").scan({ cwd: directory, dot: true, onlyFiles: true }));
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(directory, name));
      const plain = name.endsWith(".gz") ? Bun.gunzipSync(new Uint8Array(bytes)) : bytes;
      return { name: `file ${name}`, text: Buffer.from(plain).toString("latin1") };
    }),
  );
}

async function readTables(sql: Sql): Promise<Store[]> {
  const tables = await sql<{ schema: string; name: string }[]>`
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)'`;
  return Promise.all(
    tables.map(async ({ schema, name }) => {
      const rows = await sql<{ text: string }[]>`select t::text as text from ${sql(schema)}.${sql(name)} t`;
      return { name: `table ${schema}.${name}`, text: rows.map(({ text }) => text).join("\n") };
    }),
  );
}

async function readCommandLines(): Promise<Store[]> {
  const pids = await Array.fromAsync(new Glob("[0-9]*/cmdline").scan({ cwd: "/proc", onlyFiles: false }));
  const lines = await Promise.all(
    pids.map((path) => readFile(join("/proc", path), "latin1").catch(() => "")),
  );
  return [{ name: "command lines", text: lines.join("\n") }];
}
