import { type Environment, withSecretsFile } from "./environment.ts";
import { type ConfigTool, isConfigTool } from "./tools/catalogue.ts";
import { readVoiceConfig, type VoiceConfig } from "./voice-config.ts";

export interface AgentConfig {
  platformUrl: string;
  keyId: string;
  keySecret: string;
  departmentId: string;
  departmentName: string;
  enabledTools: ConfigTool[];
  host: string;
  port: number;
  release: string;
  /** Bearer that callers of /tools present. */
  agentToken: string;
  /** Where the department's workflows offer their tools. */
  mcp: McpConfig | undefined;
  voice: VoiceConfig | undefined;
  /** How long running conversations may go on after SIGTERM. */
  drainSeconds: number;
}

export interface McpConfig {
  url: string;
  token: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const drainSecondsMax = 3600;

/**
 * The only reader of the environment, and of the file that SECRETS_FILE names. Throws one error that names every
 * variable that does not fit, never a value.
 */
export function loadConfig(environment: Environment): AgentConfig {
  const env = withSecretsFile(environment);
  const errors: string[] = [];
  const read = (name: string, check: (text: string) => boolean, wanted: string, otherwise?: string) => {
    const text = (env[name] || otherwise) ?? "";
    if (!check(text)) errors.push(`${name} must be ${wanted}`);
    return text;
  };
  const required = (name: string) => read(name, isSet, "set");
  const config: AgentConfig = {
    platformUrl: read("FEDERATION_URL", isHttpUrl, "an http or https URL").replace(/\/+$/, ""),
    keyId: required("FEDERATION_KEY_ID"),
    keySecret: required("FEDERATION_KEY_SECRET"),
    departmentId: read("DEPARTMENT_ID", (text) => uuid.test(text), "a uuid in lower case"),
    departmentName: required("DEPARTMENT_NAME"),
    enabledTools: namesOf(
      read("ENABLED_TOOLS", (text) => namesOf(text).every(isConfigTool), "a list of known tools"),
    ).filter(isConfigTool),
    host: read("HOST", isSet, "set", "127.0.0.1"),
    port: Number(read("PORT", isPort, "a port", "8080")),
    release: required("RELEASE"),
    agentToken: read("AGENT_TOKEN", (text) => text.length >= 16, "at least 16 characters"),
    mcp: env["MCP_URL"]
      ? { url: read("MCP_URL", isHttpUrl, "an http or https URL"), token: required("MCP_TOKEN") }
      : undefined,
    voice: readVoiceConfig(env, errors),
    drainSeconds: Number(read("DRAIN_SECONDS", isDrain, `0 to ${drainSecondsMax} seconds`, "60")),
  };
  if (errors.length > 0) throw new Error(`The environment does not fit: ${errors.join("; ")}`);
  return Object.freeze(config);
}

const namesOf = (text: string) =>
  [...new Set(text.split(",").map((name) => name.trim()))].filter((name) => name !== "");

const isSet = (text: string) => text !== "";

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) <= 65535;

const isDrain = (text: string) => /^\d{1,4}$/.test(text) && Number(text) <= drainSecondsMax;

const isHttpUrl = (text: string) => /^https?:$/.test(URL.parse(text)?.protocol ?? "");
