import type { Tx } from "../../db/tx.ts";

/** What runs in a department's container, identified by the department and never by its slug alone. */
export interface AgentSpec {
  departmentId: string;
  slug: string;
  /** Image reference, or the version of the template beside this code. */
  release: string;
  /** Environment of the agent. Secrets live here only; never in a log, an argv or a step output. */
  variables: Record<string, string>;
  /** Names among `variables` whose values are secrets: a host that can keep them apart from the environment does. */
  secretNames: readonly string[];
  limits: AgentLimits;
  /** Where among the host's machines; a label of the node. */
  region?: string;
}

export interface AgentLimits {
  cpus: number;
  memoryMb: number;
  replicas: number;
}

/**
 * Given to every call: `idempotencyKey` is stable over retries and takeovers; `fence` throws when the lease was lost:
 * called right before an effect, or last in a transaction that is one.
 */
export interface HostCall {
  idempotencyKey: string;
  signal: AbortSignal;
  fence(tx?: Tx): Promise<void>;
}

export interface AgentHealth {
  status: "ready" | "starting" | "unhealthy" | "absent";
  detail: string;
}

export interface HostUsage {
  vcpuMinutes: number;
  memoryGbMinutes: number;
  egressGb: number;
  diskGbMinutes: number;
}

export interface OwnedThing {
  kind: string;
  externalId: string;
  departmentId: string | undefined;
}

/** One way in which what is on the host is not what the spec says. The values of variables are never told. */
export interface HostChange {
  part: "service" | "variable" | "image" | "release" | "limits" | "replicas" | "region";
  /** Of the variable; else of what it is. */
  name: string;
  /** `extra`: it is there and is not wanted. */
  change: "changed" | "missing" | "extra";
  /** As the spec says, and as it is; not for variables. */
  wanted?: string;
  found?: string;
}

export const hostNames = ["local", "railway", "docker"] as const;

/**
 * Where agents run. Every method finds by deterministic name before it creates, treats "already gone" as success
 * when it destroys, and throws a FederationError with `retryable` set.
 */
export interface Host {
  readonly name: (typeof hostNames)[number];
  /** Between two looks at an agent's health, where looking costs something. */
  readonly healthEverySeconds?: number;
  ensureProject(spec: AgentSpec, call: HostCall): Promise<OwnedThing>;
  ensureService(spec: AgentSpec, call: HostCall): Promise<OwnedThing>;
  setVariables(spec: AgentSpec, call: HostCall): Promise<void>;
  deploy(spec: AgentSpec, call: HostCall): Promise<{ url: string }>;
  health(departmentId: string, signal: AbortSignal): Promise<AgentHealth>;
  /** Starts what runs anew, with all it has now; nothing where nothing is wanted. Does not wait until it is ready. */
  restart?(departmentId: string, call: HostCall): Promise<void>;
  stop(departmentId: string, call: HostCall): Promise<void>;
  destroy(departmentId: string, call: HostCall): Promise<void>;
  inspect(departmentId: string, signal: AbortSignal): Promise<OwnedThing[]>;
  listOwned(signal: AbortSignal): Promise<OwnedThing[]>;
  /** What is not as the spec says; the next `setVariables` and `deploy` put it right. Changes nothing on the host. */
  drift(spec: AgentSpec, signal: AbortSignal): Promise<HostChange[]>;
  /** The agent's last lines, where the host keeps them. */
  logs?(departmentId: string, tail: { tailLines: number }, signal: AbortSignal): Promise<string[]>;
  /** What the host metered of a department between two instants. */
  usage?(departmentId: string, period: { from: Date; to: Date }, signal: AbortSignal): Promise<HostUsage>;
  /** Connects what departments need of the control plane again, where the host's own restarts may cut it off. */
  reattach?(signal: AbortSignal): Promise<void>;
}
