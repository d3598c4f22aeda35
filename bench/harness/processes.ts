import { readdir, readFile } from "node:fs/promises";

export type ProcessKind = "web" | "worker" | "up" | "postgres" | "agent";

export interface ProcessUse {
  pid: number;
  kind: ProcessKind;
  cpuSeconds: number;
  rssMb: number;
  /** Shared memory counted in shares: what may be added up. */
  pssMb: number;
}

/** What `fed up` and everything below it has used so far; only where there is /proc. */
export async function readProcesses(upPid: number): Promise<ProcessUse[]> {
  const all = await readAll();
  const below = new Set([upPid]);
  for (let size = 0; size < below.size;) {
    size = below.size;
    for (const one of all) if (below.has(one.parent)) below.add(one.pid);
  }
  const uses = await Promise.all(all.filter(({ pid }) => below.has(pid)).map((one) => useOf(one, upPid)));
  return uses.filter((use) => use !== undefined);
}

/** CPU seconds by kind of process. */
export function cpuByKind(uses: readonly ProcessUse[]): Record<ProcessKind, number> {
  const sums = { web: 0, worker: 0, up: 0, postgres: 0, agent: 0 };
  for (const { kind, cpuSeconds } of uses) sums[kind] += cpuSeconds;
  return sums;
}

interface Stat {
  pid: number;
  parent: number;
  ticks: number;
}

const ticksPerSecond = 100;

async function readAll(): Promise<Stat[]> {
  if (process.platform !== "linux") throw new Error("this benchmark reads /proc, which only Linux has");
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map(readStat));
  return stats.filter((stat) => stat !== undefined);
}

/** User and system time, that of children already gone included (proc(5), fields 14 to 17). */
async function readStat(pid: string): Promise<Stat | undefined> {
  const text = await readText(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  if (!fields) return undefined;
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid: Number(pid), parent: Number(fields[1]), ticks };
}

async function useOf({ pid, ticks }: Stat, upPid: number): Promise<ProcessUse | undefined> {
  const [command, status, rollup] = await Promise.all(
    ["cmdline", "status", "smaps_rollup"].map((name) => readText(`/proc/${pid}/${name}`)),
  );
  if (!command || !status) return undefined;
  const kilobytes = (text: string | undefined, name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text ?? "")?.[1] ?? Number.NaN);
  return {
    pid,
    kind: pid === upPid ? "up" : kindOf(command),
    cpuSeconds: ticks / ticksPerSecond,
    rssMb: kilobytes(status, "VmRSS") / 1024,
    pssMb: kilobytes(rollup, "Pss") / 1024,
  };
}

function kindOf(command: string): ProcessKind {
  if (command.includes("src/server.ts")) return "web";
  if (command.includes("jobs/worker.ts")) return "worker";
  return command.includes("templates/agent/main.ts") ? "agent" : "postgres";
}

const readText = (path: string) => readFile(path, "utf8").catch(() => undefined);
