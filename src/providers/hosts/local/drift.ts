import { compareSetting, compareVariables, serviceMissing } from "../compare-agents.ts";
import type { AgentSpec, HostChange } from "../host.ts";
import type { LocalHostOptions } from "./host.ts";

interface Row {
  desired: string;
  release: string;
  sealed: string;
}

/** What the supervisor is told to run, against the spec. */
export async function localDrift(
  { sql, openVariables }: LocalHostOptions,
  { departmentId, release, variables }: AgentSpec,
): Promise<HostChange[]> {
  const [row] = await sql<Row[]>`
    select desired, release, variables_sealed as sealed
    from federation.local_agent where department_id = ${departmentId}`;
  if (!row) return serviceMissing;
  return [
    ...compareSetting("service", "agent", "running", row.desired),
    ...compareSetting("release", "release", release, row.release),
    ...(await sealedChanges(openVariables, departmentId, row.sealed, variables)),
  ];
}

/** What does not open tells nothing about single variables. */
async function sealedChanges(
  open: LocalHostOptions["openVariables"],
  departmentId: string,
  sealed: string,
  wanted: Record<string, string>,
): Promise<HostChange[]> {
  try {
    return compareVariables(wanted, await open(departmentId, sealed));
  } catch {
    return [{ part: "variable", name: "all variables", change: "changed" }];
  }
}
