import { readFile, rename, writeFile } from "node:fs/promises";
import { FederationError } from "../../errors.ts";
import { openClient } from "../open-client.ts";
import { choosePort } from "./choose-port.ts";
import type { Cluster } from "./cluster.ts";
import { launchServer, type ServerProcess } from "./launch-server.ts";
import { endOrphans } from "./end-orphans.ts";
import { findLiveLock, type LockFile, readLockFile } from "./lock-file.ts";

export interface RunningServer {
  url: string;
  port: number;
  pid: number;
  /** Undefined when another process owns the server. */
  child: ServerProcess | undefined;
}

/** Children of a killed postmaster hold its memory for some 100 ms, and a stopping one its lock. */
const retrySeconds = 15;
const pauseMs = 50;

/** Adopts the server that runs on the directory or starts one; what passes by itself is tried again for 15 s. */
export async function acquireServer(
  cluster: Cluster,
  port: number,
  signal: AbortSignal,
): Promise<RunningServer> {
  const startedMs = performance.now();
  const { directory } = cluster;
  while (!signal.aborted && performance.now() - startedMs < retrySeconds * 1000) {
    const lock = findLiveLock(directory);
    const server = lock ? await adopt(cluster, lock) : await start(cluster, port, signal);
    if (server) return server;
    await Bun.sleep(pauseMs);
  }
  throw new FederationError(
    "embedded_postgres_failed",
    `The embedded Postgres of ${directory} did not start.`,
    {
      cause: new Error(await logTail(directory)),
    },
  );
}

async function adopt(cluster: Cluster, { pid, port, status }: LockFile): Promise<RunningServer | undefined> {
  const url = urlOf(cluster, port);
  if (status !== "ready" || !(await serves(url, cluster.directory))) return undefined;
  // Its owner may have gone in between.
  const lock = readLockFile(cluster.directory);
  return lock?.pid === pid && lock.status === "ready" ? { url, port, pid, child: undefined } : undefined;
}

async function start(
  cluster: Cluster,
  wanted: number,
  signal: AbortSignal,
): Promise<RunningServer | undefined> {
  const portFile = `${cluster.directory}.port`;
  endOrphans(cluster.directory);
  const port = await choosePort(wanted, portFile);
  const child = await launchServer(cluster, port, signal);
  if (!child) return undefined;
  await writeFile(`${portFile}.new`, `${port}\n`);
  await rename(`${portFile}.new`, portFile);
  return { url: urlOf(cluster, port), port, pid: child.pid, child };
}

const urlOf = (cluster: Cluster, port: number) =>
  `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`;

/** SCRAM proves both sides, so a stranger on that port learns nothing. */
async function serves(url: string, directory: string): Promise<boolean> {
  const sql = openClient(url, { max: 1, connect_timeout: 3, fetch_types: false });
  try {
    const [row] = await sql<[{ directory: string }]>`select current_setting('data_directory') as directory`;
    return row.directory === directory;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function logTail(directory: string): Promise<string> {
  const text = await readFile(`${directory}.log`, "utf8").catch(() => "no log");
  return text.trim().split("\n").slice(-8).join("\n");
}
