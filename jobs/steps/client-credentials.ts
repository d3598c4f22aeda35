import { mintApiKey } from "../../src/crypto/api-key.ts";
import { secretPlace } from "../../src/departments/department-secret.ts";
import { agentScopes } from "../../src/members/scopes.ts";
import { done } from "../../src/provisioning/graph.ts";
import { insertResource } from "../../src/provisioning/resources.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";
import { revokeDepartmentClients } from "./revoke-clients.ts";

const daysValid = 365;

/** The agent's API key, pending until `activate`; its secret is kept sealed for the host. */
export const clientCredentials: JobStep = {
  async run(ctx) {
    const existing = await findClient(ctx);
    return done({ key_id: existing ?? (await createClient(ctx)) });
  },
  undo: revokeDepartmentClients,
};

async function findClient(ctx: JobContext): Promise<string | undefined> {
  const [row] = await ctx.deps.db.app<{ key_id: string }[]>`
    select c.key_id from federation.api_client c
    join federation.department_secret s on s.department_id = c.department_id and s.name = 'agent_key'
    where c.department_id = ${ctx.run.department.id} and c.created_by_step = ${ctx.step} and c.status <> 'revoked'`;
  return row?.key_id;
}

async function createClient(ctx: JobContext): Promise<string> {
  const { vault, db, config } = ctx.deps;
  const { id } = ctx.run.department;
  const key = mintApiKey(config.environment);
  const agentToken = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  const sealedKey = await vault.seal(secretPlace(id, "agent_key"), key.text.reveal());
  const sealedToken = await vault.seal(secretPlace(id, "agent_token"), agentToken);
  await stepTx(ctx, db.app, async (tx, record) => {
    await tx`
      insert into federation.api_client (id, key_id, name, department_id, secret_hash, scopes, status, created_by_step,
        expires_at)
      values (${Bun.randomUUIDv7()}, ${key.id}, 'agent', ${id}, ${key.secretHash}, ${[...agentScopes]}, 'pending',
        ${ctx.step}, clock_timestamp() + make_interval(days => ${daysValid}))`;
    await tx`
      insert into federation.department_secret (department_id, name, sealed, created_by_step)
      values (${id}, 'agent_key', ${sealedKey}, ${ctx.step}), (${id}, 'agent_token', ${sealedToken}, ${ctx.step})
      on conflict (department_id, name) do update set sealed = excluded.sealed, created_at = clock_timestamp()`;
    await insertResource(ctx, tx, {
      provider: "federation",
      kind: "api_client",
      externalId: key.id,
      name: "agent",
    });
    record({ action: "client.create", meta: { key: key.id, scopes: agentScopes.join(" ") } });
  });
  return key.id;
}
