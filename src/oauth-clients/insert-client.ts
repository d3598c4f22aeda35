import type { Vault } from "../crypto/vault.ts";
import { clientSecretPlace } from "../credentials/places.ts";
import type { Tx } from "../db/tx.ts";
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
 * Reads a client out of what was handed in and seals its secret, before any transaction. Throws 422 when Google's file
 * does not list our redirect URI.
 */
export async function readClient(
  vault: Pick<Vault, "seal">,
  input: OAuthClientInput,
  redirectUri: string,
): Promise<NewClient> {
  const id = Bun.randomUUIDv7();
  const { clientId, secret, project } = partsOf(input, redirectUri);
  return { id, clientId, project, sealed: await vault.seal(clientSecretPlace(id), secret) };
}

function partsOf(input: OAuthClientInput, redirectUri: string) {
  if (!("web" in input)) {
    const project = input.project ?? input.client_id.split("-")[0] ?? input.client_id;
    return { clientId: input.client_id, secret: input.client_secret, project };
  }
  const { client_id, client_secret, project_id, redirect_uris } = input.web;
  if (!redirect_uris.includes(redirectUri)) {
    throw unprocessable("redirect_uri_missing", "The client does not list our redirect URI.", [
      { path: "web.redirect_uris", message: `has to include ${redirectUri}` },
    ]);
  }
  return { clientId: client_id, secret: client_secret, project: project_id };
}

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
    on conflict (client_id) do nothing`;
  if (inserted.count === 0) throw conflict("client_exists", "There is already a client with this id.");
  return selectClient(tx, id);
}
