import { mintApiKey } from "../crypto/api-key.ts";
import type { Scope } from "../members/scopes.ts";
import { insertResource } from "../provisioning/resources.ts";
import { stepTx } from "../provisioning/step-tx.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";
import { type DepartmentSecretName, secretPlace } from "./department-secret.ts";

const daysValid = 365;

export interface DepartmentClient {
  name: "agent" | "n8n";
  scopes: readonly Scope[];
  /** Under which name its API key is kept sealed. */
  keySecret: DepartmentSecretName;
  /** What is made and kept with the key, in one transaction. */
  makeSecrets(): readonly { name: DepartmentSecretName; text: string }[];
}

/** The API key of one of the department's machines, made once, pending until somebody activates it. Answers its id. */
export async function ensureClient(ctx: JobContext, client: DepartmentClient): Promise<string> {
  return (await findClient(ctx, client)) ?? (await createClient(ctx, client));
}

async function findClient(ctx: JobContext, client: DepartmentClient): Promise<string | undefined> {
  const [row] = await ctx.deps.db.app<{ key_id: string }[]>`
    select c.key_id from federation.api_client c
    join federation.department_secret s on s.department_id = c.department_id and s.name = ${client.keySecret}
    where c.department_id = ${ctx.run.department.id} and c.name = ${client.name} and c.created_by_step is not null
      and c.status <> 'revoked'`;
  return row?.key_id;
}

async function createClient(ctx: JobContext, client: DepartmentClient): Promise<string> {
  const { vault, db, config } = ctx.deps;
  const { id } = ctx.run.department;
  const key = mintApiKey(config.environment);
  const secrets = [{ name: client.keySecret, text: key.text.reveal() }, ...client.makeSecrets()];
  const rows = await Promise.all(
    secrets.map(async ({ name, text }) => {
      const sealed = await vault.seal(secretPlace(id, name), text);
      return { department_id: id, name, sealed, created_by_step: ctx.step };
    }),
  );
  await stepTx(ctx, db.app, async (tx, record) => {
    await tx`
      insert into federation.api_client (id, key_id, name, department_id, secret_hash, scopes, status, created_by_step,
        expires_at)
      values (${Bun.randomUUIDv7()}, ${key.id}, ${client.name}, ${id}, ${key.secretHash}, ${[...client.scopes]},
        'pending', ${ctx.step}, clock_timestamp() + make_interval(days => ${daysValid}))`;
    await tx`
      insert into federation.department_secret ${tx(rows)}
      on conflict (department_id, name) do update set sealed = excluded.sealed, created_at = clock_timestamp()`;
    await insertResource(ctx, tx, {
      provider: "federation",
      kind: "api_client",
      externalId: key.id,
      name: client.name,
    });
    record({ action: "client.create", meta: { key: key.id, scopes: client.scopes.join(" ") } });
  });
  return key.id;
}
