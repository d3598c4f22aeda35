import type { Vault } from "../../crypto/vault.ts";
import { FederationError } from "../../errors.ts";
import { type Answer, send, type SendOptions } from "../../net/send.ts";
import type { JsonObject } from "../../json.ts";
import type { SigningKeys } from "../../tokens/signing-keys.ts";
import { openUrl } from "../endpoints/prepare-url.ts";
import { openSecrets } from "../secrets.ts";
import { signMessage } from "../signature.ts";
import { slackMessage } from "../slack/slack-message.ts";
import type { ClaimedDelivery } from "./claim-deliveries.ts";
import type { SendOutcome } from "./store-outcome.ts";

export interface SendMeans {
  vault: Vault;
  signingKeys: SigningKeys;
  send: SendOptions;
  /** Where messages for people lead to. */
  consoleUrl: string;
}

/** A receiver that asks for more is asked again all the same. */
const retryAfterSecondsMax = 3600;
const contentHeaders = { "content-type": "application/json", "user-agent": "federation-webhooks" };

/** Sends a delivery once, signed or in Slack's format; never throws: what happened is a value. */
export async function sendDelivery(
  delivery: ClaimedDelivery,
  means: SendMeans,
  closing: AbortSignal,
): Promise<{ outcome: SendOutcome; cause?: unknown }> {
  try {
    const { body, headers } =
      delivery.format === "slack"
        ? { body: bytesOf(slackMessage(delivery, means.consoleUrl)), headers: contentHeaders }
        : await signed(delivery, means);
    const { endpoint_id: id, url: shown, url_sealed: sealed } = delivery;
    const url = await openUrl(means.vault, { id, url: shown, sealed });
    const answer = await send({ method: "POST", url, headers, body }, { ...means.send, signal: closing });
    return { outcome: outcomeOf(answer) };
  } catch (cause) {
    if (closing.aborted) return { outcome: { kind: "released" } };
    const error = cause instanceof FederationError ? cause.code : "not_sent";
    const isFinal = error === "outbound_url_refused";
    return { outcome: { kind: "failed", status: null, error, isFinal }, cause };
  }
}

const bytesOf = (body: JsonObject) => Buffer.from(JSON.stringify(body));

async function signed(delivery: ClaimedDelivery, { vault, signingKeys }: SendMeans) {
  const { type, timestamp, data } = delivery;
  const body = bytesOf({ type, timestamp, data });
  const secrets = await openSecrets(vault, delivery.secrets);
  const message = { id: delivery.event_id, timestamp: Math.floor(Date.now() / 1000), body };
  const signature = await signMessage(message, { secrets, key: await signingKeys.active() });
  return { body, headers: { ...signature, ...contentHeaders } };
}

function outcomeOf({ status, headers }: Answer): SendOutcome {
  if (status >= 200 && status < 300) return { kind: "delivered", status };
  const asked = /^[0-9]{1,9}$/.exec(headers["retry-after"] ?? "");
  return {
    kind: "failed",
    status,
    error: `http_${status}`,
    ...(asked && { retryAfterSeconds: Math.min(Number(asked[0]), retryAfterSecondsMax) }),
  };
}
