import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { commandOf } from "./lock-file.ts";

/**
 * Kills the children of a killed postmaster: one that is busy does not notice, and the next server waits for it.
 * Elsewhere than on Linux they are waited for.
 */
export function endOrphans(directory: string): void {
  if (process.platform !== "linux") return;
  for (const pid of readdirSync("/proc").map(Number)) {
    try {
      if (isOrphan(pid, directory)) process.kill(pid, "SIGKILL");
    } catch {
      // It ended, or is another user's.
    }
  }
}

function isOrphan(pid: number, directory: string): boolean {
  if (!commandOf(pid)?.startsWith("postgres: ")) return false;
  if (readlinkSync(`/proc/${pid}/cwd`) !== directory) return false;
  const [, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return !commandOf(Number(parent))?.includes(directory);
}
