import { createHash, createHmac } from "node:crypto";
import type { ServiceInstancePatch } from "../../railway/railway.ts";
import type { AgentSpec } from "../host.ts";

export const agentPort = 8080;
const drainingSeconds = 60;
/** Conversations may end; then what is left of the time is for the last records. */
const agentDrainSeconds = drainingSeconds - 15;

/** What a deploy is made of. Hashes, of which the row keeps one for each call that sets something. */
export interface Revision {
  variables: Record<string, string>;
  settings: ServiceInstancePatch;
  limits: { memoryGb: number; vcpus: number };
  variablesHash: string;
  settingsHash: string;
  limitsHash: string;
  /** Of all of it. */
  hash: string;
}

export function revisionOf(spec: AgentSpec): Revision {
  const variables = variablesOf(spec);
  const settings = settingsOf(spec);
  const limits = { memoryGb: spec.limits.memoryMb / 1024, vcpus: spec.limits.cpus };
  const parts = {
    variablesHash: hashOfVariables(spec, variables),
    settingsHash: hashOf(settings),
    limitsHash: hashOf(limits),
  };
  return { variables, settings, limits, ...parts, hash: hashOf(parts) };
}

const variablesOf = ({ variables }: AgentSpec): Record<string, string> => ({
  ...variables,
  HOST: "0.0.0.0",
  PORT: String(agentPort),
  DRAIN_SECONDS: String(agentDrainSeconds),
});

function settingsOf({ release, limits, region }: AgentSpec): ServiceInstancePatch {
  return {
    source: { image: release },
    healthcheckPath: "/health",
    healthcheckTimeout: 180,
    drainingSeconds,
    overlapSeconds: 5,
    numReplicas: limits.replicas,
    // An agent that ends again and again is `CRASHED` in the end, where `ALWAYS` would look well for ever.
    restartPolicyType: "ON_FAILURE",
    restartPolicyMaxRetries: 10,
    ...(region !== undefined && { region }),
  };
}

/** Keyed with the agent's own keys, which nobody can guess: it tells nothing about the other values. */
function hashOfVariables({ secretNames }: AgentSpec, variables: Record<string, string>): string {
  const key = secretNames.map((name) => variables[name] ?? "").join("\n");
  return createHmac("sha256", key)
    .update(JSON.stringify(Object.entries(variables).toSorted()))
    .digest("hex");
}

const hashOf = (value: object) => createHash("sha256").update(JSON.stringify(value)).digest("hex");
