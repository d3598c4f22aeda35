import type { DepartmentConfig } from "../config-schema/department.ts";
import type { AgentLimits } from "../providers/hosts/host.ts";

/** What an agent may take, by its department's definition. */
export function agentLimits(custom: DepartmentConfig["custom_config"]): AgentLimits {
  const { cpu: cpus = 1, memory_mb: memoryMb = 1024, replicas = 1 } = custom?.agent ?? {};
  return { cpus, memoryMb, replicas };
}
