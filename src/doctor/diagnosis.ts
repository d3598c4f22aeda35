import type { Config } from "../config.ts";
import type { Pools } from "../db/pools.ts";

/** One thing that was looked at; `what` and `remedy` are for who runs the installation. */
export interface Diagnosis {
  level: "ok" | "warning" | "error";
  what: string;
  remedy?: string;
}

/** Whose environment is looked at. */
export const processes = ["web", "worker"] as const;
export type ProcessName = (typeof processes)[number];

/** What a check looks at. */
export interface Patient {
  config: Readonly<Config>;
  process: ProcessName;
}

export interface PatientWithDatabase extends Patient {
  pools: Pools;
}
