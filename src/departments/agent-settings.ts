import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config, LiveKitConfig } from "../config.ts";
import { parseApiKey } from "../crypto/api-key.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import { instanceOf } from "../n8n-instances/instance-of.ts";
import type { RunDepartment } from "../provisioning/run.ts";
import { agentLimits } from "./agent-limits.ts";
import type { AgentSettings } from "./agent-spec.ts";
import type { AgentVariables } from "./agent-variables.ts";
import { readDefinition } from "./config/read-definition.ts";
import { livekitAgentName } from "./livekit-agent-name.ts";
import { type DepartmentSecretName, secretPlace } from "./department-secret.ts";

export interface SettingsSource {
  sql: Sql;
  vault: Vault;
  config: Readonly<Config>;
}

/** What the department's agent is told, from its present definition and its sealed secrets. */
export async function readAgentSettings(
  { sql, vault, config }: SettingsSource,
  department: RunDepartment,
): Promise<AgentSettings> {
  const { id } = department;
  const rows = await sql<{ name: string; sealed: string }[]>`
    select name, sealed from federation.department_secret where department_id = ${id}`;
  const open = async (name: DepartmentSecretName) => {
    const sealed = rows.find((row) => row.name === name)?.sealed;
    return sealed === undefined ? undefined : await vault.open(secretPlace(id, name), sealed);
  };
  const definition = await readDefinition(sql, id);
  const key = parseApiKey(await required(open, "agent_key"));
  const n8n = (await instanceOf(sql, vault, id)) ?? config.n8n;
  const custom = definition.custom_config ?? {};
  const variables = {
    FEDERATION_URL: department.host === "docker" ? config.docker.federationUrl : config.publicUrl,
    FEDERATION_KEY_ID: key.id,
    FEDERATION_KEY_SECRET: key.secret,
    ENABLED_TOOLS: definition.enabled_tools.join(","),
    AGENT_TOKEN: await required(open, "agent_token"),
    ...mcpVariables(n8n?.webhookUrl, await open("n8n_path_prefix"), await open("n8n_mcp_token")),
    ...(config.livekit && canSpeak(department) && voiceVariables(config.livekit, department)),
    ...(custom.language !== undefined && { AGENT_LANGUAGE: custom.language }),
    ...(custom.voice !== undefined && { AGENT_VOICE: custom.voice }),
    ...(custom.greeting !== undefined && { AGENT_GREETING: custom.greeting }),
  };
  return { variables, limits: agentLimits(custom) };
}

async function required(
  open: (name: DepartmentSecretName) => Promise<string | undefined>,
  name: DepartmentSecretName,
): Promise<string> {
  const text = await open(name);
  if (text === undefined) throw new FederationError("secret_missing", `The department has no ${name}.`);
  return text;
}

function mcpVariables(
  webhookUrl: string | undefined,
  prefix: string | undefined,
  token: string | undefined,
): Pick<AgentVariables, "MCP_URL" | "MCP_TOKEN"> {
  if (webhookUrl === undefined || prefix === undefined || token === undefined) return {};
  return { MCP_URL: `${webhookUrl}/mcp/${prefix}/mcp`, MCP_TOKEN: token };
}

/** Local agents run from the template itself, which has the packages for voice only where somebody installed them. */
const canSpeak = ({ host }: RunDepartment) =>
  host !== "local" || existsSync(join(import.meta.dir, "../../templates/agent/node_modules/@livekit/agents"));

function voiceVariables(livekit: LiveKitConfig, department: RunDepartment) {
  return {
    LIVEKIT_URL: livekit.url,
    LIVEKIT_API_KEY: livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret.reveal(),
    LIVEKIT_AGENT_NAME: livekitAgentName(department),
    DEEPGRAM_API_KEY: livekit.deepgramKey.reveal(),
    CARTESIA_API_KEY: livekit.cartesiaKey.reveal(),
    LLM_BASE_URL: livekit.llm.baseUrl,
    LLM_API_KEY: livekit.llm.apiKey.reveal(),
    LLM_MODEL: livekit.llm.model,
  };
}
