import type { Tracer } from "../traces/tracer.ts";

export type Call = (url: string | URL, init?: BunFetchRequestInit) => Promise<Response>;

/**
 * A fetch whose calls are spans below the one they are made under: the provider, method, host and status, never the
 * path, which may be a secret. Calls that nothing traced makes are passed on as they are.
 */
export function traceCall(tracer: Tracer, provider: string, send: Call = fetch): Call {
  return (url, init = {}) => {
    if (!tracer.current()) return send(url, init);
    const { method = "GET" } = init;
    const wish = { kind: "client" as const, attributes: callAttributes(provider, method, url) };
    return tracer.span(`${method} ${provider}`, wish, async (span) => {
      const headers = new Headers(init.headers);
      if (span.traceparent !== undefined) headers.set("traceparent", span.traceparent);
      const response = await send(url, { ...init, headers });
      span.set({ "http.response.status_code": response.status });
      if (response.status >= 400) span.fail(`http_${response.status}`);
      return response;
    });
  };
}

/** What a span says of a call before there is an answer. */
export function callAttributes(provider: string, method: string, url: string | URL) {
  const at = URL.parse(String(url));
  return {
    "federation.provider": provider,
    "http.request.method": method,
    "server.address": at?.hostname,
    "server.port": at?.port === "" ? undefined : Number(at?.port),
  };
}
