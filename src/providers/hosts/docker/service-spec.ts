import { createHash } from "node:crypto";
import { FederationError } from "../../../errors.ts";
import type { AgentSpec } from "../host.ts";
import type { DockerContext } from "./context.ts";
import { baseName, labels, ownerLabels } from "./names.ts";
import type { SwarmSecret } from "./secrets.ts";

export interface ServiceParts {
  networkId: string;
  secret: SwarmSecret | undefined;
  replicas: number;
  /** The n of API version 1.n: what it does not know is left out. */
  apiMinor: number;
}

export type ServiceSpec = ReturnType<typeof serviceSpec>;

export const agentPort = 8080;
const agentUid = "1000";
const secretsFile = { directory: "/run/secrets", name: "agent.json" };
const second = 1_000_000_000;
const mebibyte = 1024 * 1024;
const pidsMax = 256;
/** Conversations may end; then what is left of the time is for the last records. */
const drainSeconds = 45;
const stopGraceSeconds = drainSeconds + 15;

/** What the swarm is asked for, as the API wants it. The same department and variables give the same text. */
export function serviceSpec(ctx: DockerContext, spec: AgentSpec, parts: ServiceParts) {
  const { limits, release } = spec;
  const owner = { ...ownerLabels(ctx.environment, spec), [labels.release]: checked("RELEASE", release) };
  const template = {
    ContainerSpec: containerSpec(ctx, spec, parts),
    Resources: {
      Limits: {
        NanoCPUs: Math.round(limits.cpus * second),
        MemoryBytes: limits.memoryMb * mebibyte,
        Pids: pidsMax,
      },
      // Agents mostly wait: a machine holds more of them than their limits add up to.
      Reservations: {
        NanoCPUs: Math.round(limits.cpus * 0.05 * second),
        MemoryBytes: Math.round(limits.memoryMb / 4) * mebibyte,
      },
    },
    RestartPolicy: { Condition: "any", Delay: 2 * second },
    Placement: {
      ...(spec.region !== undefined && { Constraints: [`node.labels.region==${spec.region}`] }),
      Preferences: [{ Spread: { SpreadDescriptor: "node.labels.zone" } }],
    },
    Networks: [{ Target: parts.networkId }],
    LogDriver: { Name: "json-file", Options: { "max-size": "10m", "max-file": "2" } },
  };
  const container = { ...template.ContainerSpec, Labels: { ...owner, [labels.revision]: hash(template) } };
  return {
    Name: baseName(spec),
    Labels: owner,
    TaskTemplate: { ...template, ContainerSpec: container },
    Mode: { Replicated: { Replicas: parts.replicas } },
    UpdateConfig: { ...rollout(ctx), FailureAction: "rollback" },
    RollbackConfig: { ...rollout(ctx), FailureAction: "pause" },
    EndpointSpec: { Mode: "dnsrr" },
  };
}

function containerSpec(ctx: DockerContext, spec: AgentSpec, { secret, apiMinor }: ServiceParts) {
  const mounted = { Name: secretsFile.name, UID: agentUid, GID: agentUid, Mode: 0o400 };
  return {
    Image: ctx.imageOf(spec.release),
    Env: environment(spec, secret !== undefined),
    User: `${agentUid}:${agentUid}`,
    Init: true,
    ReadOnly: true,
    CapabilityDrop: ["ALL"],
    // Before API 1.44 only the engine's own `no-new-privileges` sets it.
    ...(apiMinor >= 44 && { Privileges: { NoNewPrivileges: true } }),
    StopGracePeriod: stopGraceSeconds * second,
    Healthcheck: {
      ...(ctx.healthTest && { Test: [...ctx.healthTest] }),
      Interval: ctx.healthIntervalSeconds * second,
      Timeout: 5 * second,
      StartPeriod: ctx.startSeconds * second,
      Retries: 3,
    },
    // The engine mounts it noexec, nosuid and nodev.
    Mounts: [{ Type: "tmpfs", Target: "/tmp", TmpfsOptions: { SizeBytes: 64 * mebibyte } }],
    Secrets: secret ? [{ SecretID: secret.id, SecretName: secret.name, File: mounted }] : [],
  };
}

function environment({ variables, secretNames }: AgentSpec, hasSecrets: boolean): string[] {
  const plain = Object.entries(variables).filter(([name]) => !secretNames.includes(name));
  const all = {
    ...Object.fromEntries(plain),
    HOST: "0.0.0.0",
    PORT: String(agentPort),
    DRAIN_SECONDS: String(drainSeconds),
    ...(hasSecrets && { SECRETS_FILE: `${secretsFile.directory}/${secretsFile.name}` }),
  };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${checked(name, value)}`)
    .toSorted();
}

const rollout = ({ monitorSeconds }: DockerContext) => ({
  Parallelism: 1,
  Order: "start-first",
  Monitor: monitorSeconds * second,
  MaxFailureRatio: 0,
});

/** Tools that show or pass on an environment line by line would take the rest for another variable. */
function checked(name: string, value: string): string {
  const isFit = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/[\r\n\0]/.test(value);
  if (isFit) return value;
  throw new FederationError("invalid_variable", `The variable ${JSON.stringify(name)} has to be one line.`);
}

const hash = (value: object) => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
