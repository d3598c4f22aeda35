import type { JsonObject } from "../json.ts";
import type { EventType } from "../webhooks/emit.ts";
import type { RunChange } from "./decide.ts";
import type { ClaimedRun, RunKind, RunStatus } from "./run.ts";

/** What somebody outside hears when a run ends, or stops with a failure. A cancelled deprovision changed nothing. */
const eventsOf: Partial<Record<RunKind, Partial<Record<RunStatus, EventType>>>> = {
  provision: {
    succeeded: "department.provisioned",
    failed: "department.failed",
    rolled_back: "department.failed",
    cancelled: "department.failed",
  },
  deprovision: { succeeded: "department.deprovisioned", failed: "department.failed" },
};

export interface RunEvent {
  id: string;
  run: string;
  type: EventType;
  data: JsonObject;
}

/** The event that this change of a run is, if it is one; the statement that stores both adds the run's `error`. */
export function runEvents(run: ClaimedRun, change: RunChange | undefined): RunEvent[] {
  const type = change && eventsOf[run.kind]?.[change.status];
  if (!type) return [];
  const { id, slug, name } = run.department;
  const data = {
    department_id: slug,
    department: id,
    department_name: name,
    provisioning_id: run.id,
    kind: run.kind,
    run_status: change.status,
  };
  return [{ id: Bun.randomUUIDv7(), run: run.id, type, data }];
}
