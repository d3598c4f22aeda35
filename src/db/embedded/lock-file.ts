import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface LockFile {
  pid: number;
  port: number;
  /** Written by the postmaster: starting, standby, ready, stopping. */
  status: string;
}

/** Reads postmaster.pid (lines: pid, directory, start, port, …, status as the eighth); undefined when there is none. */
export function readLockFile(directory: string): LockFile | undefined {
  const lines = readText(join(directory, "postmaster.pid"))?.split("\n");
  return lines && { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? "" };
}

/**
 * The lock of a postmaster that lives. Postgres judges by the pid alone: a zombie nobody reaps, or another program that
 * has the pid after a reboot, would block it for good, so such a lock is removed. Two servers on one directory are
 * still ruled out, by the shared memory that Postgres finds by the directory.
 */
export function findLiveLock(directory: string): LockFile | undefined {
  const lock = readLockFile(directory);
  if (!lock || commandOf(lock.pid)?.includes(directory)) return lock;
  if (hasProcess(lock.pid) && readLockFile(directory)?.pid === lock.pid) {
    rmSync(join(directory, "postmaster.pid"), { force: true });
  }
  return undefined;
}

function hasProcess(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A process's command line; undefined when it is dead, or a zombie. */
export function commandOf(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (process.platform === "linux") return readText(`/proc/${pid}/cmdline`) || undefined;
  return (
    Bun.spawnSync(["ps", "-o", "command=", "-p", String(pid)])
      .stdout.toString()
      .trim() || undefined
  );
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
