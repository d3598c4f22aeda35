import { type ConfigTool, isConfigTool } from "./tools/catalogue.ts";

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
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The only reader of the environment. Throws one error that names every variable that does not fit, never a value. */
export function loadConfig(env: Record<string, string | undefined>): AgentConfig {
  const errors: string[] = [];
  const read = (name: string, check: (text: string) => boolean, wanted: string, otherwise?: string) => {
    const text = (env[name] || otherwise) ?? "";
    if (!check(text)) errors.push(`${name} must be ${wanted}`);
    return text;
  };
  const required = (name: string) => read(name, (text) => text !== "", "set");
  const config: AgentConfig = {
    platformUrl: read("FEDERATION_URL", isHttpUrl, "an http or https URL").replace(/\/+$/, ""),
    keyId: required("FEDERATION_KEY_ID"),
    keySecret: required("FEDERATION_KEY_SECRET"),
    departmentId: read("DEPARTMENT_ID", (text) => uuid.test(text), "a uuid in lower case"),
    departmentName: required("DEPARTMENT_NAME"),
    enabledTools: namesOf(
      read("ENABLED_TOOLS", (text) => namesOf(text).every(isConfigTool), "a list of known tools"),
    ).filter(isConfigTool),
    host: read("HOST", (text) => text !== "", "set", "127.0.0.1"),
    port: Number(read("PORT", isPort, "a port", "8080")),
    release: required("RELEASE"),
    agentToken: read("AGENT_TOKEN", (text) => text.length >= 16, "at least 16 characters"),
  };
  if (errors.length > 0) throw new Error(`The environment does not fit: ${errors.join("; ")}`);
  return Object.freeze(config);
}

const namesOf = (text: string) =>
  [...new Set(text.split(",").map((name) => name.trim()))].filter((name) => name !== "");

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) <= 65535;

function isHttpUrl(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? "");
}
