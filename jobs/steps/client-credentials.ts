import { randomToken } from "../../src/crypto/random-token.ts";
import { ensureClient } from "../../src/departments/ensure-client.ts";
import { agentScopes } from "../../src/members/scopes.ts";
import { done } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";
import { revokeDepartmentClients } from "./revoke-clients.ts";

/** The agent's API key, pending until `activate`; its secret is kept sealed for the host. */
export const clientCredentials: JobStep = {
  async run(ctx) {
    const keyId = await ensureClient(ctx, {
      name: "agent",
      scopes: agentScopes,
      keySecret: "agent_key",
      makeSecrets: () => [{ name: "agent_token", text: randomToken() }],
    });
    return done({ key_id: keyId });
  },
  undo: revokeDepartmentClients,
};
