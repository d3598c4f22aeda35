// Places in a worker where a test lets something happen, through files of one directory: whoever comes to an armed
// place first takes its file, so it happens once over all workers.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** Kill or stop the worker that comes by, once; or let every call fail until disarmed. */
export type PointAction = "SIGKILL" | "SIGSTOP" | "fail";

export interface Fired {
  pid: number;
  atMs: number;
}

export function armPoint(directory: string, point: string, action: PointAction): void {
  rmSync(join(directory, `${point}.fired`), { force: true });
  const draft = join(directory, `${point}.draft`);
  writeFileSync(draft, action);
  renameSync(draft, join(directory, point));
}

export function disarmPoint(directory: string, point: string): void {
  rmSync(join(directory, point), { force: true });
}

/** Called by a worker at each of its places; does not return where it was killed. Throws where calls are to fail. */
export function passPoint(directory: string, point: string): void {
  const path = join(directory, point);
  const action = readText(path);
  if (action === undefined) return;
  if (action === "fail") throw new Error(`made to fail at ${point}`);
  if (!take(path)) return;
  noteFired(directory, point);
  process.kill(process.pid, action as NodeJS.Signals);
}

/** Says that this process came by. */
export function noteFired(directory: string, point: string): void {
  const fired: Fired = { pid: process.pid, atMs: Date.now() };
  const draft = join(directory, `${point}.${process.pid}.draft`);
  writeFileSync(draft, JSON.stringify(fired));
  renameSync(draft, join(directory, `${point}.fired`));
}

/** Who came by; undefined while nobody did. */
export async function readFired(directory: string, point: string): Promise<Fired | undefined> {
  const text = await readFile(join(directory, `${point}.fired`), "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

function take(path: string): boolean {
  try {
    renameSync(path, `${path}.taken`);
    return true;
  } catch {
    return false;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
