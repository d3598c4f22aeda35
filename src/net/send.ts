/**
 * The one way out to URLs that tenants or operators chose. The URL is read strictly, the name resolved once, every
 * address checked, and the connection made to the checked address itself, with the name only in SNI, certificate check
 * and `Host`: a resolver that changes its answer changes nothing. Nothing is followed (no redirects), no proxy of the
 * environment is used, nothing is decompressed, and every wait and every byte count is bounded.
 */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { FederationError } from "../errors.ts";
import { callAttributes } from "./trace-call.ts";
import { noTracer, type Tracer } from "../traces/tracer.ts";
import type { AllowList } from "./allow-list.ts";
import { parseTarget, type Target } from "./parse-target.ts";
import { pin, type Resolve } from "./pin.ts";

export interface Outbound {
  method: "GET" | "POST" | "PUT" | "DELETE";
  url: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
}

export interface SendOptions {
  allow: AllowList;
  resolve: Resolve;
  /** To connect, TLS included, per address. */
  connectTimeoutMs?: number;
  /** For everything, the body's last byte included. */
  totalTimeoutMs?: number;
  answerBytesMax?: number;
  /** Certificates to trust in place of the system's. */
  ca?: string;
  signal?: AbortSignal;
  tracer?: Tracer;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** At most `answerBytesMax`; the rest is not read. */
  body: Buffer;
  truncated: boolean;
}

const defaults = { connectTimeoutMs: 5_000, totalTimeoutMs: 15_000, answerBytesMax: 64 * 1024 };

/**
 * Sends one request; any answer is an answer, whatever its status. Throws what `parseTarget` and `pin` throw, and the
 * retryable `outbound_unreachable`, `outbound_timeout` and `outbound_tls`.
 */
export async function send(outbound: Outbound, options: SendOptions): Promise<Answer> {
  const { method, url } = outbound;
  const wish = { kind: "client" as const, attributes: callAttributes("outbound", method, url) };
  return (options.tracer ?? noTracer).span(`${method} outbound`, wish, async (span) => {
    const { traceparent } = span;
    const headers = { ...outbound.headers, ...(traceparent !== undefined && { traceparent }) };
    const answer = await sendOnce({ ...outbound, headers }, options);
    span.set({ "http.response.status_code": answer.status });
    if (answer.status >= 400) span.fail(`http_${answer.status}`);
    return answer;
  });
}

async function sendOnce(outbound: Outbound, options: SendOptions): Promise<Answer> {
  const bounded = { ...defaults, ...options };
  const total = AbortSignal.timeout(bounded.totalTimeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, total]) : total;
  const target = parseTarget(outbound.url);
  const addresses = await raced(pin(target, options.allow, options.resolve), signal);
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await exchange(outbound, target, address, { ...bounded, signal });
    } catch (error) {
      failure = error;
      if (!(error instanceof NotConnected) || signal.aborted) break;
    }
  }
  throw errorOf(failure, signal);
}

type Bounds = typeof defaults & SendOptions & { signal: AbortSignal };

/** Nothing was sent, so the next address may be tried. */
class NotConnected extends Error {
  override name = "NotConnected";
}

function exchange(outbound: Outbound, target: Target, address: string, bounds: Bounds): Promise<Answer> {
  const { body = new Uint8Array() } = outbound;
  const common = {
    // `agent: false`: a connection of its own, closed after it; a shared one could have been made elsewhere.
    agent: false as const,
    host: address,
    port: target.port,
    method: outbound.method,
    path: target.path,
    headers: {
      ...outbound.headers,
      host: target.authority,
      "accept-encoding": "identity",
      "content-length": String(body.byteLength),
    },
    signal: bounds.signal,
  };
  return new Promise((resolve, reject) => {
    const request =
      target.protocol === "http:"
        ? requestHttp(common)
        : requestHttps({ ...common, ...tlsOptions(target, bounds) });
    const connected = target.protocol === "http:" ? "connect" : "secureConnect";
    let isConnected = false;
    const timer = setTimeout(() => request.destroy(new NotConnected("timeout")), bounds.connectTimeoutMs);
    request.once("socket", (socket) =>
      socket.once(connected, () => {
        isConnected = true;
        clearTimeout(timer);
      }),
    );
    request.once("error", (error) => {
      clearTimeout(timer);
      reject(isConnected || error instanceof NotConnected ? error : new NotConnected("", { cause: error }));
    });
    request.once("response", (response) => {
      clearTimeout(timer);
      readAnswer(response, bounds.answerBytesMax)
        .then(resolve, reject)
        .finally(() => request.destroy());
    });
    request.end(body);
  });
}

function readAnswer(response: IncomingMessage, bytesMax: number): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const end = (truncated: boolean) => {
      const body = Buffer.concat(chunks).subarray(0, bytesMax);
      resolve({ status: response.statusCode ?? 0, headers: flat(response.headers), body, truncated });
    };
    response.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > bytesMax) end(true);
    });
    response.once("end", () => end(false));
    response.once("error", reject);
    response.once("close", () => reject(new Error("the answer was cut off")));
  });
}

/** `rejectUnauthorized` is said, so that NODE_TLS_REJECT_UNAUTHORIZED cannot switch it off. */
function tlsOptions(target: Target, { ca }: Bounds) {
  const name = target.address ? {} : { servername: target.host };
  return { rejectUnauthorized: true, ...name, ...(ca !== undefined && { ca }) };
}

const flat = (headers: Record<string, string | string[] | undefined>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

function raced<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(errorOf(signal.reason, signal));
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function errorOf(failure: unknown, signal: AbortSignal): FederationError {
  const cause = failure instanceof NotConnected && failure.cause !== undefined ? failure.cause : failure;
  const options = { status: 502, retryable: true, cause };
  if (signal.aborted || (failure instanceof NotConnected && failure.message === "timeout"))
    return new FederationError("outbound_timeout", "The host took too long to answer.", options);
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|TLS|SSL|SIGNATURE|ISSUER|SELF_SIGNED/.test(code)
    ? new FederationError(
        "outbound_tls",
        "The host has no certificate for its name that is trusted here.",
        options,
      )
    : new FederationError("outbound_unreachable", "The host could not be reached, or broke off.", options);
}
