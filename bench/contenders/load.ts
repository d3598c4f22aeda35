import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EngineContender, TakeoverContender } from "./contender.ts";

/** The peers' modules stay outside the root's type check: their packages are only in bench/node_modules. */
const engines: Record<string, string> = {
  federation: "federation.ts",
  "pg-boss": "pg-boss.ts",
  dbos: "../peers/dbos.ts",
  "dbos-queue": "../peers/dbos-queue.ts",
  openworkflow: "../peers/openworkflow.ts",
};
const takeovers: Record<string, string> = {
  federation: "federation-takeover.ts",
  dbos: "../peers/dbos-takeover.ts",
  openworkflow: "../peers/openworkflow-takeover.ts",
};

/** The contenders that are there, in the order of the table; `only` picks some of them. */
export const engineNames = (only: readonly string[]) => present(engines, only);
export const takeoverNames = (only: readonly string[]) => present(takeovers, only);

/** A fresh contender for `engine`. */
export async function loadEngine(name: string): Promise<EngineContender> {
  return (await factoryOf<EngineContender>(engines, name))();
}

/** A fresh contender for `takeover`. */
export async function loadTakeover(name: string): Promise<TakeoverContender> {
  return (await factoryOf<TakeoverContender>(takeovers, name))();
}

function present(files: Record<string, string>, only: readonly string[]): string[] {
  return Object.entries(files)
    .filter(
      ([name, file]) => existsSync(join(import.meta.dir, file)) && (only.length === 0 || only.includes(name)),
    )
    .map(([name]) => name);
}

/** Guarantees only that `createContender` is a function; that it fits its interface is for the module's own type check. */
async function factoryOf<Contender>(files: Record<string, string>, name: string): Promise<() => Contender> {
  const file = files[name];
  if (file === undefined) throw new Error(`no contender ${name}`);
  const module: { createContender?: unknown } = await import(join(import.meta.dir, file));
  if (typeof module.createContender !== "function")
    throw new Error(`${file} has to export createContender()`);
  return module.createContender as () => Contender;
}
