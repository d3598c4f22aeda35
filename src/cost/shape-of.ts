import type { DepartmentConfig } from "../config-schema/department.ts";
import type { Config } from "../config.ts";
import { agentLimits } from "../departments/agent-limits.ts";
import type { Host } from "../providers/hosts/host.ts";
import type { DepartmentShape } from "./estimate-department.ts";

/** What of a department's definition and the installation its cost depends on. */
export function shapeOf(
  config: Pick<Config, "n8n" | "livekit">,
  host: Host["name"],
  { custom_config: custom }: Pick<DepartmentConfig, "custom_config">,
): DepartmentShape {
  const shared = config.n8n ? "shared" : "none";
  const n8n = custom?.n8n?.instance === "own" ? "own" : shared;
  return { host, ...agentLimits(custom), n8n, voice: config.livekit !== undefined };
}
