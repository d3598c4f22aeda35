import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { FederationError } from "../../errors.ts";
import { serverEnvironment } from "./cluster.ts";
import type { Binaries } from "./find-binaries.ts";
import { commandOf } from "./lock-file.ts";

export interface InitOptions {
  directory: string;
  binaries: Binaries;
  wrapper: string[];
  /** False only where losing the data at a power cut is fine. */
  sync: boolean;
}

/** Makes the data directory unless it is there, whole or not at all, and answers the superuser's password. */
export async function initDirectory(options: InitOptions): Promise<string> {
  const { directory } = options;
  const passwordFile = `${directory}.password`;
  if (isMade(directory)) return await readPassword(passwordFile);
  await createPassword(passwordFile);
  await removeLeftovers(directory);
  const draft = `${directory}.init.${process.pid}.${randomSuffix()}`;
  try {
    await initdb(draft, passwordFile, options);
    await rename(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was faster.
    if (!isMade(directory))
      throw failed(`The directory ${directory} cannot become a Postgres data directory.`, error);
  }
  return await readPassword(passwordFile);
}

const isMade = (directory: string) => existsSync(join(directory, "PG_VERSION"));
const randomSuffix = () => randomBytes(4).toString("hex");

async function readPassword(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw failed(`The password file ${file} of the embedded Postgres cannot be read.`, cause);
  }
}

/** A link appears with its content: nobody reads half a password, and the first one stays. */
async function createPassword(file: string) {
  const draft = `${file}.${randomSuffix()}`;
  await writeFile(draft, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    await rm(draft);
  }
}

/** Drafts of processes that were killed. */
async function removeLeftovers(directory: string) {
  const prefix = `${basename(directory)}.init.`;
  const names = (await readdir(dirname(directory))).filter((name) => name.startsWith(prefix));
  const dead = names.filter(
    (name) => commandOf(Number.parseInt(name.slice(prefix.length), 10)) === undefined,
  );
  await Promise.allSettled(dead.map((name) => rm(join(dirname(directory), name), { recursive: true })));
}

async function initdb(draft: string, passwordFile: string, { binaries, wrapper, sync }: InitOptions) {
  const flags = [
    "-U",
    "postgres",
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
  ];
  const child = Bun.spawn(
    [...wrapper, binaries.initdb, "-D", draft, ...flags, ...(sync ? [] : ["--no-sync"])],
    {
      env: serverEnvironment,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
      detached: true,
    },
  );
  const [complaint, exitCode] = await Promise.all([child.stderr.text(), child.exited]);
  if (exitCode !== 0) throw new Error(`initdb: ${complaint}`);
}

const failed = (message: string, cause: unknown) =>
  new FederationError("embedded_postgres_failed", message, { cause });
