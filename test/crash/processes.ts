import { readdirSync, readFileSync } from "node:fs";

/** Pids of the agents of a department that live on this machine, found by their environment (Linux; else undefined). */
export function agentPids(department: string): number[] | undefined {
  if (process.platform !== "linux") return undefined;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => environmentOf(pid).includes(`DEPARTMENT_ID=${department}`)).map(Number);
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
