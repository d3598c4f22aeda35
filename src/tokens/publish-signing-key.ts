import { generateSigningKey } from "../crypto/signing-key.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Tx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { signingKeyPlace } from "./signing-key-place.ts";
import { publishedSeconds } from "./signing-key-times.ts";

/**
 * Makes the key that will sign next and shows its public half in the JWKS. Throws 409 `rotation_running` while another
 * one waits, 409 `no_key` before there is one to replace.
 */
export async function publishSigningKey(
  tx: Tx,
  vault: Pick<Vault, "seal">,
): Promise<{ fromId: string; toId: string; waitSeconds: number }> {
  const [active] = await tx<{ kid: string }[]>`
    select kid from federation.signing_key where status = 'active' for share`;
  if (!active) throw conflict("no_key", "There is no signing key to replace yet.");
  const { kid, publicKey, privateJwk } = await generateSigningKey();
  const sealed = await vault.seal(signingKeyPlace(kid), privateJwk.reveal());
  const inserted = await tx`
    insert into federation.signing_key (kid, public_jwk, private_sealed, status)
    values (${kid}, ${tx.json({ ...publicKey })}, ${sealed}, 'published') on conflict do nothing`;
  if (inserted.count === 0) throw conflict("rotation_running", "A new signing key is published already.");
  return { fromId: active.kid, toId: kid, waitSeconds: publishedSeconds };
}
