/**
 * Railway's public GraphQL API. Nothing here creates twice by itself: a call is repeated only where it was not carried
 * out for certain. What is gone is told apart from what a token may no longer see by asking for the token itself.
 */
import type { Secret } from "../../crypto/secret.ts";
import { createDeploymentCalls } from "./create-deployment-calls.ts";
import { createProjectCalls } from "./create-project-calls.ts";
import { createRequest, type RequestOptions } from "./create-request.ts";
import { createServiceCalls } from "./create-service-calls.ts";
import { createTokens } from "./create-tokens.ts";
import { tolerateUnseen } from "./tolerate-unseen.ts";
import type { Calls } from "./calls.ts";
import type { RailwayClient } from "./railway.ts";

export interface RailwayClientOptions extends RequestOptions {
  tokens: readonly Secret<string>[];
  /** Ids of those that may get projects; empty = all that the tokens reach. */
  workspaces: readonly string[];
}

/** Connects to nothing yet. */
export function createRailwayClient(options: RailwayClientOptions): RailwayClient {
  const ask = createRequest(options);
  const tokens = createTokens(options.tokens, ask);
  const calls: Calls = {
    request: async (request) => ask(await tokens.of(request.call), request),
    find: (request) => tolerateUnseen(calls.request(request), () => tokens.confirm(request.call)),
  };
  return {
    listWorkspaces: (call) => tokens.workspaces(options.workspaces, call),
    ...createProjectCalls(calls),
    ...createServiceCalls(calls),
    ...createDeploymentCalls(calls),
  };
}
