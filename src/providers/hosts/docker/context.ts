import { FederationError } from "../../../errors.ts";
import type { HostCall } from "../host.ts";
import type { Engine } from "./engine.ts";

export interface DockerHostOptions {
  engine: Engine;
  /** Image of the agent in this release, with a HEALTHCHECK unless `healthTest` says one; runs as uid 1000. */
  imageOf: (release: string) => string;
  /** Containers on the engine's machine that agents reach: `name` as `federation`, `name:alias` as that. */
  attach: readonly string[];
  environment: string;
  /** In place of the image's own, such as ["CMD", "node", "health.js"]. */
  healthTest?: readonly string[];
  healthIntervalSeconds?: number;
  /** How long a new agent may be unhealthy before that counts. */
  startSeconds?: number;
  /** How long a new agent has to stay well before an update goes on. */
  monitorSeconds?: number;
  /** Encrypts what goes between the swarm's machines; its kernels need IPsec. */
  encryptsNetworks?: boolean;
  /** How long a deploy waits for agents to start; `stop` and `destroy` wait for 75 s at most. */
  waitSeconds?: number;
  pauseMs?: number;
}

/** The options with nothing left open. */
export type DockerContext = Required<Omit<DockerHostOptions, "healthTest">> &
  Pick<DockerHostOptions, "healthTest">;

export function contextOf(options: DockerHostOptions): DockerContext {
  return {
    healthIntervalSeconds: 5,
    startSeconds: 20,
    monitorSeconds: 10,
    encryptsNetworks: false,
    waitSeconds: 100,
    pauseMs: 200,
    ...options,
  };
}

export const waitOf = ({ waitSeconds, pauseMs }: DockerContext, { signal }: HostCall) => ({
  seconds: waitSeconds,
  pauseMs,
  signal,
});

const stopSecondsMax = 75;
export const stopWaitOf = (ctx: DockerContext, call: HostCall) => ({
  ...waitOf(ctx, call),
  seconds: Math.min(ctx.waitSeconds, stopSecondsMax),
});

export const agentMissing = () =>
  new FederationError("agent_missing", "The department has no agent on this host.", { status: 409 });
