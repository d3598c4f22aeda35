import type { RunDepartment } from "../provisioning/run.ts";
import type { AgentSpec } from "../providers/hosts/host.ts";
import type { AgentVariables } from "./agent-variables.ts";

export interface AgentSettings {
  federationUrl: string;
  keyId: string;
  keySecret: string;
  /** What callers of the agent's tools must present. */
  agentToken: string;
  enabledTools: string[];
}

/** What a host is told about a department's agent; without settings, only who it is. */
export function agentSpec(department: RunDepartment, settings?: AgentSettings): AgentSpec {
  const { id, slug, release } = department;
  return { departmentId: id, slug, release, variables: settings ? variablesOf(department, settings) : {} };
}

function variablesOf(department: RunDepartment, settings: AgentSettings): AgentVariables {
  return {
    FEDERATION_URL: settings.federationUrl,
    FEDERATION_KEY_ID: settings.keyId,
    FEDERATION_KEY_SECRET: settings.keySecret,
    DEPARTMENT_ID: department.id,
    DEPARTMENT_NAME: department.name,
    ENABLED_TOOLS: settings.enabledTools.join(","),
    AGENT_TOKEN: settings.agentToken,
    RELEASE: department.release,
  };
}
