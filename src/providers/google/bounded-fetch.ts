import { OAuthError } from "./oauth-error.ts";
import { abortedError } from "./within.ts";

export type Send = (url: string, init: RequestInit) => Promise<Response>;

const bodyBytesMax = 256 * 1024;
// A challenge would be looked at before the body, which says more.
const keptHeaders = ["content-type", "retry-after"];

/**
 * A fetch that answers within the time, body included, follows no redirect and reads no more than 256 KB. Throws a
 * transient OAuthError for everything the network does.
 */
export function boundedFetch(send: Send, timeoutMs: number, isAllowed: (url: URL) => boolean): Send {
  return async (url, init) => {
    if (!isAllowed(new URL(url))) throw new OAuthError("transient", "endpoint_not_allowed");
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    try {
      const response = await send(url, { ...init, redirect: "manual", signal });
      const body = await readBounded(response);
      const headers = new Headers();
      for (const name of keptHeaders) {
        const value = response.headers.get(name);
        if (value !== null) headers.set(name, value);
      }
      return new Response(body.length === 0 ? null : body, { status: response.status, headers });
    } catch (error) {
      if (error instanceof OAuthError) throw error;
      throw signal.aborted ? abortedError(signal) : new OAuthError("transient", "network");
    }
  };
}

async function readBounded(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax) throw new OAuthError("transient", "answer_too_large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
