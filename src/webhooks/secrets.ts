import type { Vault, VaultPlace } from "../crypto/vault.ts";
import { Secret } from "../crypto/secret.ts";
import type { Sql, Tx } from "../db/tx.ts";
import { createWebhookSecret } from "./signature.ts";

/** How long the secret before counts after a rotation. */
const overlapHours = 24;

export interface NewSecret {
  id: string;
  text: Secret<string>;
  sealed: string;
}

export type SecretOwner = { endpointId: string } | { sourceId: string };

/** A stored secret, still sealed. */
export interface SealedSecret {
  id: string;
  sealed: string;
}

/** Makes and seals a secret; to be called before the transaction that stores it. */
export async function prepareSecret(vault: Vault): Promise<NewSecret> {
  const id = Bun.randomUUIDv7();
  const text = createWebhookSecret();
  return { id, text, sealed: await vault.seal(placeOf(id), text.reveal()) };
}

/** Stores a secret in the place of the present one, which counts for a day more; the one before that ends now. */
export async function storeSecret(tx: Tx, owner: SecretOwner, secret: NewSecret): Promise<void> {
  const { endpointId, sourceId } = { endpointId: null, sourceId: null, ...owner };
  const owned = tx`coalesce(endpoint_id, source_id) = ${endpointId ?? sourceId}`;
  await tx`delete from federation.webhook_secret where ${owned} and ends_at is not null`;
  await tx`update federation.webhook_secret
    set ends_at = clock_timestamp() + make_interval(hours => ${overlapHours}) where ${owned}`;
  await tx`insert into federation.webhook_secret (id, endpoint_id, source_id, sealed)
    values (${secret.id}, ${endpointId}, ${sourceId}, ${secret.sealed})`;
}

/** The secrets that count of the row `owner`, as JSON in a query: newest first. */
export const presentSecrets = (sql: Sql | Tx, column: "endpoint_id" | "source_id", owner: string) => sql`
  (select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'sealed', s.sealed) order by s.id desc), '[]')
    from federation.webhook_secret s
    where s.${sql(column)} = ${sql(owner)}.id and (s.ends_at is null or s.ends_at > clock_timestamp()))`;

export async function openSecrets(vault: Vault, secrets: readonly SealedSecret[]): Promise<Secret<string>[]> {
  return Promise.all(
    secrets.map(async ({ id, sealed }) => new Secret(await vault.open(placeOf(id), sealed))),
  );
}

const placeOf = (id: string): VaultPlace => ({ table: "webhook_secret", column: "sealed", rowId: id });
