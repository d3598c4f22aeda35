import type { Logger } from "pino";
import type { Artifacts } from "../artifacts/artifacts.ts";
import type { Config } from "../config.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { Host, HostCall } from "../providers/hosts/host.ts";
import type { OAuthProvider } from "../providers/google/oauth-provider.ts";
import type { N8nClient } from "../providers/n8n/n8n.ts";
import type { SigningKeys } from "../tokens/signing-keys.ts";
import type { Tracer } from "../traces/tracer.ts";
import type { StepBody, StepContext } from "./graph.ts";

/** What the steps in jobs/steps are given. */
export interface WorkerDeps {
  db: { app: Sql; gateway: Sql; provisioner: Sql };
  vault: Vault;
  signingKeys: SigningKeys;
  hosts: ReadonlyMap<string, Host>;
  artifacts: Artifacts;
  oauth: OAuthProvider;
  /** Undefined: departments have no workflows. */
  n8n: N8nClient | undefined;
  config: Readonly<Config>;
  log: Logger;
  tracer: Tracer;
}

export type JobStep = StepBody<WorkerDeps>;
export type JobContext = StepContext<WorkerDeps>;

/** The host the department runs on. Throws `host_not_configured` when this worker does not serve it. */
export function hostOf(ctx: JobContext): Host {
  const name = ctx.run.department.host;
  const host = ctx.deps.hosts.get(name);
  if (!host) throw new FederationError("host_not_configured", `The host ${name} is not configured here.`);
  return host;
}

export function hostCall(ctx: JobContext): HostCall {
  return { idempotencyKey: ctx.idempotencyKey, signal: ctx.signal, fence: ctx.fence };
}
