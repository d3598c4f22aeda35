import type { Ctx } from "../../context.ts";
import type { Vault, VaultPlace } from "../../crypto/vault.ts";
import { checkUrl, type EndpointFormat } from "./endpoint.ts";

export interface PreparedUrl {
  /** What the audit says of it. */
  host: string;
  /** What may be listed: all of it, or of a secret one its origin. */
  shown: string;
  sealed: string | null;
}

/**
 * Checks and seals the URL of an endpoint, before the transaction that stores it: in Slack's format whoever knows it may
 * write to the channel. Throws 422 `outbound_url_refused`.
 */
export async function prepareUrl(
  ctx: Ctx,
  { id, format, url }: { id: string; format: EndpointFormat; url: string },
): Promise<PreparedUrl> {
  const host = checkUrl(ctx, url);
  if (format === "standard") return { host, shown: url, sealed: null };
  return { host, shown: `${new URL(url).origin}/…`, sealed: await ctx.vault.seal(placeOf(id), url) };
}

/** The URL to call. */
export const openUrl = async (
  vault: Vault,
  { id, url, sealed }: { id: string; url: string; sealed: string | null },
): Promise<string> => (sealed === null ? url : vault.open(placeOf(id), sealed));

const placeOf = (rowId: string): VaultPlace => ({ table: "webhook_endpoint", column: "url_sealed", rowId });
