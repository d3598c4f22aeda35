import type { JsonObject } from "../json.ts";

export type RunKind = "provision" | "deprovision" | "upgrade" | "move" | "restore" | "lockdown" | "unlock";
export type RunStatus =
  "queued" | "running" | "waiting" | "succeeded" | "failed" | "rolling_back" | "rolled_back" | "cancelled";
export type StepStatus =
  "pending" | "running" | "waiting" | "done" | "failed" | "skipped" | "undoing" | "undone";

/** The department a run is about, as it was when the run was claimed. */
export interface RunDepartment {
  id: string;
  slug: string;
  name: string;
  suffix: string;
  schemaName: string;
  roleName: string;
  host: string;
  region: string | null;
  release: string;
  adminEmail: string;
  configVersion: number;
}

/** A run this worker holds: `epoch` is the fencing token that every write must repeat. */
export interface ClaimedRun {
  id: string;
  kind: RunKind;
  epoch: number;
  owner: string;
  status: "running" | "rolling_back";
  cancelRequested: boolean;
  input: JsonObject;
  requestedBy: string;
  requestId: string;
  /** W3C traceparent of what asked for the run. */
  traceParent: string | null;
  department: RunDepartment;
}

/** One step as the engine sees it; `wakeAtMs` is on the worker's own clock (performance.now). */
export interface StepView {
  name: string;
  status: StepStatus;
  attempt: number;
  failures: number;
  /** Attempts that ended with their worker, not with a result. */
  crashes: number;
  wakeAtMs: number | null;
  output: JsonObject | null;
  errorCode: string | null;
  errorMessage: string | null;
}
