import type { Vault } from "../../crypto/vault.ts";
import { FederationError } from "../../errors.ts";
import { send, type SendOptions } from "../../net/send.ts";
import type { SigningKeys } from "../../tokens/signing-keys.ts";
import { openSecrets } from "../secrets.ts";
import { signMessage } from "../signature.ts";
import type { ClaimedDelivery } from "./claim-deliveries.ts";
import type { SendOutcome } from "./store-outcome.ts";

export interface SendMeans {
  vault: Vault;
  signingKeys: SigningKeys;
  send: SendOptions;
}

/** Signs and sends a delivery once; never throws: what happened is a value. */
export async function sendDelivery(
  delivery: ClaimedDelivery,
  means: SendMeans,
  closing: AbortSignal,
): Promise<{ outcome: SendOutcome; cause?: unknown }> {
  const { type, timestamp, data } = delivery;
  const body = Buffer.from(JSON.stringify({ type, timestamp, data }));
  try {
    const secrets = await openSecrets(means.vault, delivery.secrets);
    const message = { id: delivery.event_id, timestamp: Math.floor(Date.now() / 1000), body };
    const signed = await signMessage(message, { secrets, key: await means.signingKeys.active() });
    const headers = { ...signed, "content-type": "application/json", "user-agent": "federation-webhooks" };
    const outbound = { method: "POST" as const, url: delivery.url, headers, body };
    const { status } = await send(outbound, { ...means.send, signal: closing });
    if (status >= 200 && status < 300) return { outcome: { kind: "delivered", status } };
    return { outcome: { kind: "failed", status, error: `http_${status}` } };
  } catch (cause) {
    if (closing.aborted) return { outcome: { kind: "released" } };
    const error = cause instanceof FederationError ? cause.code : "not_sent";
    const isFinal = error === "outbound_url_refused";
    return { outcome: { kind: "failed", status: null, error, isFinal }, cause };
  }
}
