import type { Logger } from "pino";
import type { Artifacts } from "./artifacts/artifacts.ts";
import type { Config } from "./config.ts";
import type { AccessTokens } from "./credentials/access-tokens.ts";
import type { Vault } from "./crypto/vault.ts";
import type { Pools } from "./db/pools.ts";
import type { IdempotentRequest } from "./idempotency/request.ts";
import type { AgentClient } from "./providers/agents/client.ts";
import type { OAuthProvider } from "./providers/google/oauth-provider.ts";
import type { N8nClient } from "./providers/n8n/n8n.ts";
import type { Queue } from "./queue/queue.ts";
import type { Tracer } from "./traces/tracer.ts";

/** Who asks. A person is a member with a role; a machine is a department's client. */
export interface Caller {
  kind: "member" | "client" | "system";
  /** Member id, client id or the name of a system part; what the audit calls the actor. */
  id: string;
  /** The API key (its row's id) behind the call; undefined for a part of the system. */
  clientId?: string | undefined;
  role: "admin" | "operator" | "department_admin" | "auditor" | undefined;
  /** The one department a client or department admin belongs to. */
  departmentId: string | undefined;
  scopes: ReadonlySet<string>;
}

/** What every verb is given: who asks, under which request id, and the means to do it. */
export interface Ctx {
  db: Pools;
  vault: Vault;
  queue: Queue;
  artifacts: Artifacts;
  agents: AgentClient;
  oauth: OAuthProvider;
  n8n: N8nClient | undefined;
  accessTokens: AccessTokens;
  config: Readonly<Config>;
  log: Logger;
  tracer: Tracer;
  caller: Caller;
  requestId: string;
  /** Set when the caller sent an Idempotency-Key: the verb stores its answer in its own transaction. */
  idempotency: IdempotentRequest | undefined;
}
