import type { Context } from "hono";
import { createFactory } from "hono/factory";
import type { ClientCache } from "../api-keys/client-cache.ts";
import type { Caller, Ctx } from "../context.ts";
import type { InFlight } from "../gateway/limit-in-flight.ts";
import type { IdempotentRequest } from "../idempotency/request.ts";
import type { FailedLogins } from "../limits/failed-logins.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { RevokedTokens } from "../tokens/revoked-tokens.ts";
import type { SigningKeys } from "../tokens/signing-keys.ts";

/** What the process gives the edge: a verb's context without the call. */
export type AppDeps = Omit<Ctx, "caller" | "requestId" | "idempotency">;

export interface Env {
  /** Bun's server, which knows the caller's address; absent where a test calls the app itself. */
  Bindings: { server?: Bun.Server<undefined> };
  Variables: {
    deps: AppDeps & {
      signingKeys: SigningKeys;
      revokedTokens: RevokedTokens;
      clients: ClientCache;
      failedLogins: FailedLogins;
      inFlight: InFlight;
      metrics: Metrics;
    };
    requestId: string;
    /** Set on every route but the public ones. */
    caller: Caller | undefined;
    idempotency: IdempotentRequest | undefined;
  };
}

export const factory = createFactory<Env>();

const nobody: Caller = {
  kind: "system",
  id: "anonymous",
  role: undefined,
  departmentId: undefined,
  scopes: new Set(),
};

/** What a route hands to its verb. On a public route the caller is nobody, without a scope. */
export function ctxOf(c: Context<Env>): Ctx {
  const { deps, requestId, caller, idempotency } = c.var;
  return { ...deps, requestId, caller: caller ?? nobody, idempotency };
}
