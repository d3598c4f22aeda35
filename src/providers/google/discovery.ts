import * as oauth from "oauth4webapi";
import { OAuthError } from "./oauth-error.ts";

const freshMs = 24 * 60 * 60 * 1000;
const retryMs = 60 * 1000;

/**
 * The provider's metadata: asked for when first needed, kept for a day, asked for once however many wait. Stays in use
 * when it cannot be renewed.
 */
export function createDiscovery(
  request: () => Promise<Response>,
  issuer: URL,
  now: () => number = () => performance.now(),
): () => Promise<oauth.AuthorizationServer> {
  let known: oauth.AuthorizationServer | undefined;
  let dueMs = 0;
  let asking: Promise<oauth.AuthorizationServer> | undefined;
  const ask = async () => {
    try {
      known = await discover(await request(), issuer);
      dueMs = now() + freshMs;
    } catch (error) {
      dueMs = now() + retryMs;
      if (!known) throw error;
    } finally {
      asking = undefined;
    }
    return known;
  };
  return async () => (known && now() < dueMs ? known : await (asking ??= ask()));
}

async function discover(response: Response, issuer: URL): Promise<oauth.AuthorizationServer> {
  try {
    return await oauth.processDiscoveryResponse(issuer, response);
  } catch {
    throw new OAuthError("transient", "discovery_failed");
  }
}
