import type { z } from "zod";
import type { Secret } from "../../crypto/secret.ts";
import { classifyAnswer } from "./classify-answer.ts";
import { N8nError, type N8nErrorKind } from "./n8n-error.ts";

export type Send = (url: string, init: RequestInit) => Promise<Response>;

export interface RequestOptions {
  baseUrl: string;
  apiKey: Secret<string>;
  fetch?: Send;
  timeoutMs?: number;
}

export interface N8nCall {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below /api/v1. */
  path: string;
  query?: Record<string, string>;
  body?: object;
  /** What a 409 means. */
  conflict?: N8nErrorKind;
  /** Values of the body that no error may show. */
  secrets?: readonly string[];
  signal: AbortSignal;
}

export type N8nRequest = <T>(call: N8nCall, reply: z.ZodType<T>) => Promise<T>;

export const defaultTimeoutMs = 20_000;
// A page of 250 workflows, each with the version that is published.
const answerBytesMax = 32 * 1024 * 1024;

/** One call of n8n's API and its parsed reply. Bounded in time and bytes, follows no redirect, throws N8nError. */
export function createRequest(options: RequestOptions): N8nRequest {
  const { apiKey, fetch: send = fetch, timeoutMs = defaultTimeoutMs } = options;
  const root = `${options.baseUrl.replace(/\/+$/, "")}/api/v1`;
  return async (call, reply) => {
    const query = new URLSearchParams(call.query).toString();
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([call.signal, timeout]);
    const { response, text } = await exchange(signal, async () => {
      const answered = await send(`${root}${call.path}${query === "" ? "" : `?${query}`}`, {
        method: call.method,
        headers: {
          "x-n8n-api-key": apiKey.reveal(),
          accept: "application/json",
          ...(call.body && { "content-type": "application/json" }),
        },
        ...(call.body && { body: JSON.stringify(call.body) }),
        redirect: "manual",
        signal,
      });
      return { response: answered, text: await readBounded(answered) };
    });
    if (response.ok) return parse(text, reply, response.status);
    throw classifyAnswer({
      status: response.status,
      text,
      retryAfter: response.headers.get("retry-after"),
      conflict: call.conflict ?? "invalid",
      secrets: [apiKey.reveal(), ...(call.secrets ?? [])],
    });
  };
}

/** Errors of the network hold URLs and headers, so none is passed on. */
async function exchange<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof N8nError) throw error;
    throw signal.aborted ? abortedError(signal) : new N8nError("unavailable", { detail: "network" });
  }
}

/** Whether time ran out or the caller gave up. */
export function abortedError({ reason }: AbortSignal): N8nError {
  const isTimeout = reason instanceof DOMException && reason.name === "TimeoutError";
  return new N8nError("unavailable", { detail: isTimeout ? "timeout" : "aborted" });
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > answerBytesMax) throw new N8nError("malformed", { detail: "the answer is too large" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse<T>(text: string, reply: z.ZodType<T>, answerStatus: number): T {
  // Said with a 200 while the database is being migrated.
  if (text.startsWith("n8n is starting up")) throw new N8nError("unavailable", { detail: "starting up" });
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new N8nError("malformed", { detail: "no JSON", answerStatus });
  }
  const result = reply.safeParse(body);
  if (result.success) return result.data;
  const at = result.error.issues[0]?.path.join(".") ?? "";
  throw new N8nError("malformed", {
    detail: at === "" ? "unexpected JSON" : `unexpected ${at}`,
    answerStatus,
  });
}
