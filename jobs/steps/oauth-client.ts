import { departmentConfig } from "../../src/config-schema/department.ts";
import { ensureCredential } from "../../src/credentials/ensure-credential.ts";
import { scopesOfTools } from "../../src/credentials/scopes.ts";
import { leaseClient } from "../../src/oauth-clients/lease.ts";
import { tellWhenLow } from "../../src/oauth-clients/tell-when-low.ts";
import { done, skip } from "../../src/provisioning/graph.ts";
import { insertResource } from "../../src/provisioning/resources.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";
import { revokeGoogle } from "./revoke-oauth.ts";

/**
 * A Google client of its own for the department, and a credential that waits for consent. With an empty pool the
 * department comes alive all the same: the client is leased when somebody consents.
 */
export const oauthClient: JobStep = {
  async run(ctx) {
    const scopes = scopesOfTools((await readConfig(ctx)).enabled_tools);
    if (scopes.length === 0) return skip("No tool needs Google");
    const [any] = await ctx.deps.db
      .app`select from federation.oauth_client where status <> 'retired' limit 1`;
    if (!any) return skip("Google is not configured: no OAuth client pool");
    return done(await lease(ctx, scopes));
  },
  undo: async (ctx) => void (await revokeGoogle(ctx)),
};

async function lease(
  ctx: JobContext,
  scopes: string[],
): Promise<{ leased: boolean; client_id: string | null }> {
  const { id } = ctx.run.department;
  const output = await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    const client = await leaseClient(tx, id);
    await ensureCredential(tx, id, { clientRow: client?.id, scopes });
    if (!client) return { leased: false, client_id: null };
    await insertResource(ctx, tx, {
      provider: "google",
      kind: "oauth_client",
      externalId: client.clientId,
      name: "Google",
    });
    if (client.isNew) record({ action: "oauth_client.lease", target: client.id });
    return { leased: true, client_id: client.clientId };
  });
  await tellWhenLow({ sql: ctx.deps.db.app, log: ctx.deps.log });
  return output;
}

async function readConfig({ deps, run }: JobContext) {
  const [row] = await deps.db.app<{ document: unknown }[]>`
    select document from federation.department_config
    where department_id = ${run.department.id} and version = ${run.department.configVersion}`;
  return departmentConfig.parse(row?.document);
}
