import { readFileSync, unlinkSync } from "node:fs";
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
 * The lock of a postmaster that lives. Postgres itself judges by the pid alone and would refuse to start forever when,
 * after a reboot, another program of this user has that pid: such a lock is removed.
 */
export function findLiveLock(directory: string): LockFile | undefined {
  const lock = readLockFile(directory);
  if (!lock) return undefined;
  const command = commandOf(lock.pid);
  if (command?.includes(directory)) return lock;
  if (command !== undefined && readLockFile(directory)?.pid === lock.pid)
    unlinkSync(join(directory, "postmaster.pid"));
  return undefined;
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
