import type { AgentLimits, AgentSpec } from "../providers/hosts/host.ts";
import type { RunDepartment } from "../provisioning/run.ts";
import { type AgentVariables, secretVariableNames } from "./agent-variables.ts";

export interface AgentSettings {
  variables: Omit<AgentVariables, "DEPARTMENT_ID" | "DEPARTMENT_NAME" | "RELEASE">;
  limits: AgentLimits;
}

const limitsUnlessSaid: AgentLimits = { cpus: 1, memoryMb: 1024, replicas: 1 };

/** What a host is told about a department's agent; without settings, only who it is. */
export function agentSpec(department: RunDepartment, settings?: AgentSettings): AgentSpec {
  const { id, slug, name, release, region } = department;
  const variables = settings && {
    ...settings.variables,
    DEPARTMENT_ID: id,
    DEPARTMENT_NAME: name,
    RELEASE: release,
  };
  return {
    departmentId: id,
    slug,
    release,
    variables: variables ?? {},
    secretNames: secretVariableNames,
    limits: settings?.limits ?? limitsUnlessSaid,
    ...(region !== null && { region }),
  };
}
