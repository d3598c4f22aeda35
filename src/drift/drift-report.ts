import type { HostChange } from "../providers/hosts/host.ts";
import type { Drift } from "../workflows/drift.ts";

/** Everything one look at a department found. */
export interface DriftReport extends Omit<Drift, "in_sync"> {
  host: HostChange[];
  database: string[];
  /** What could not be looked at; it is neither in sync nor drifted. */
  unknown: UnknownPart[];
}

export type DriftPart = "workflows" | "host" | "database";

export interface UnknownPart {
  part: DriftPart;
  code: string;
  message: string;
  /** When another look may tell it, where that is known. */
  retry_after_seconds: number | null;
}

export const emptyReport: DriftReport = {
  workflows: [],
  credentials: [],
  leftovers: [],
  foreign: [],
  host: [],
  database: [],
  unknown: [],
};

/** Which parts are not as they should be. */
export function driftedParts(report: DriftReport): DriftPart[] {
  const { workflows, credentials, leftovers, foreign, host, database } = report;
  const isOff = [...workflows, ...credentials].some(({ problems }) => problems.length > 0);
  const found: [DriftPart, boolean][] = [
    ["workflows", isOff || leftovers.length > 0 || foreign.length > 0],
    ["host", host.length > 0],
    ["database", database.length > 0],
  ];
  return found.flatMap(([part, drifted]) => (drifted ? [part] : []));
}

/** Null where nothing was found, but not everything was seen. */
export function isInSync(report: DriftReport): boolean | null {
  if (driftedParts(report).length > 0) return false;
  return report.unknown.length > 0 ? null : true;
}
