import type { Vault } from "../crypto/vault.ts";
import { clientSecretPlace } from "../credentials/places.ts";
import type { Sql, Tx } from "../db/tx.ts";
import { conflict, unprocessable } from "../errors.ts";
import type { OAuthClientInput } from "./oauth-client.ts";
import { selectClient } from "./select-client.ts";
import type { OAuthClientView } from "./oauth-client.ts";

export interface NewClient {
  id: string;
  clientId: string;
  sealed: string;
  project: string;
}

/**
 * Reads a client out of what was handed in and seals its secret, before any transaction. Throws 409 `client_exists`,
 * and 422 when Google's file does not list our redirect URI.
 */
export async function readClient(
  { sql, vault }: { sql: Sql; vault: Pick<Vault, "seal"> },
  input: OAuthClientInput,
  redirectUri: string,
): Promise<NewClient> {
  const { clientId, secret, project } = partsOf(input, redirectUri);
  const [known] = await sql<{ id: string; status: string }[]>`
    select id, status from federation.oauth_client where client_id = ${clientId}`;
  if (known && known.status !== "retired") throw clientExists();
  // A retired client may come back, in its old row: credentials of before refer to it.
  const id = known?.id ?? Bun.randomUUIDv7();
  return { id, clientId, project, sealed: await vault.seal(clientSecretPlace(id), secret) };
}

function partsOf(input: OAuthClientInput, redirectUri: string) {
  if (!("web" in input)) {
    const project = projectOf(input.client_id) ?? input.project ?? input.client_id;
    return { clientId: input.client_id, secret: input.client_secret, project };
  }
  const { client_id, client_secret, project_id, redirect_uris } = input.web;
  if (!redirect_uris.includes(redirectUri)) {
    throw unprocessable("redirect_uri_missing", "The client does not list our redirect URI.", [
      { path: "web.redirect_uris", message: `has to include ${redirectUri}` },
    ]);
  }
  return { clientId: client_id, secret: client_secret, project: projectOf(client_id) ?? project_id };
}

/** Google's ids begin with the number of their project: the one name of it that every way of adding knows. */
const projectOf = (clientId: string) => /^(\d{6,})-/.exec(clientId)?.[1];

/** Stores the client. Throws 409 `client_exists` for an id that is known already. */
export async function insertClient(
  tx: Tx,
  { id, clientId, sealed, project }: NewClient,
  owner?: { departmentId: string },
): Promise<OAuthClientView> {
  const inserted = await tx`
    insert into federation.oauth_client (id, client_id, secret_sealed, project, origin, status, department_id, leased_at)
    values (${id}, ${clientId}, ${sealed}, ${project}, ${owner ? "own" : "pool"}, ${owner ? "leased" : "free"},
      ${owner?.departmentId ?? null}, ${owner ? tx`clock_timestamp()` : null})
    on conflict (client_id) do update set secret_sealed = excluded.secret_sealed, project = excluded.project,
      origin = excluded.origin, status = excluded.status, department_id = excluded.department_id,
      leased_at = excluded.leased_at, last_used_at = null, created_at = clock_timestamp()
      where oauth_client.status = 'retired' and oauth_client.id = excluded.id`;
  if (inserted.count === 0) throw clientExists();
  return selectClient(tx, id);
}

const clientExists = () => conflict("client_exists", "There is already a client with this id.");
