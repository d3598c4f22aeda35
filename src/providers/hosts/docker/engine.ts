/**
 * The Docker Engine API over a unix socket or TCP with TLS: one call in, one judged answer out. Every call has a time
 * limit, body included, and a bounded answer; nothing is retried here. The API's version is the newest that both sides
 * know, asked for once. https://docs.docker.com/reference/api/engine/
 */
import type { z } from "zod";
import { FederationError } from "../../../errors.ts";
import { EngineError, errorOfAnswer } from "./engine-error.ts";
import { endpointOf } from "./endpoint.ts";

export type EngineFetch = (url: string, init: BunFetchRequestInit) => Promise<Response>;

export interface EngineOptions {
  /** `unix:///path` or `tcp://host:port`. */
  host: string;
  certPath?: string | undefined;
  timeoutMs?: number;
  fetch?: EngineFetch;
}

export interface EngineCall {
  method?: "GET" | "POST" | "DELETE";
  path: string;
  query?: Record<string, string>;
  body?: object;
  signal: AbortSignal;
}

/** All throw EngineError, and the signal's reason where the caller gave up. */
export interface Engine {
  json<T>(schema: z.ZodType<T>, call: EngineCall): Promise<T>;
  /** Where the answer says nothing. */
  run(call: EngineCall): Promise<void>;
  bytes(call: EngineCall): Promise<Uint8Array>;
  /** The n of API version 1.n in use. */
  apiMinor(signal: AbortSignal): Promise<number>;
}

const apiMinors = { oldest: 41, newest: 51 };
const answerBytesMax = 32 * 1024 * 1024;

/** Connects to nothing yet. */
export function createEngine(options: EngineOptions): Engine {
  const { host, certPath, timeoutMs = 10_000, fetch: send = fetch } = options;
  const { origin, connection } = endpointOf(host, certPath);
  let known: number | undefined;

  async function exchange(path: string, { method = "GET", body, signal: given }: EngineCall) {
    given.throwIfAborted();
    const signal = AbortSignal.any([given, AbortSignal.timeout(timeoutMs)]);
    const content = body && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    try {
      const init = { method, redirect: "manual" as const, ...content, ...connection, signal };
      const response = await send(origin + path, init);
      return { response, bytes: await readBounded(response) };
    } catch (error) {
      given.throwIfAborted();
      if (error instanceof EngineError) throw error;
      throw new EngineError(signal.aborted ? "timeout" : "unreachable", codeOf(error));
    }
  }

  async function apiMinor(signal: AbortSignal): Promise<number> {
    if (known !== undefined) return known;
    const { response } = await exchange("/_ping", { path: "", signal });
    const minor = Number(/^1\.(\d+)$/.exec(response.headers.get("api-version") ?? "")?.[1]);
    if (!response.ok || Number.isNaN(minor)) throw new EngineError("malformed", `_ping: ${response.status}`);
    if (minor < apiMinors.oldest) {
      throw new FederationError("docker_too_old", `The Docker engine has to know API 1.${apiMinors.oldest}.`);
    }
    known = Math.min(minor, apiMinors.newest);
    return known;
  }

  async function bytes(call: EngineCall): Promise<Uint8Array> {
    const query = call.query ? `?${new URLSearchParams(call.query)}` : "";
    const path = `/v1.${await apiMinor(call.signal)}${call.path}${query}`;
    const answer = await exchange(path, call);
    if (answer.response.ok) return answer.bytes;
    const detail = messageOf(answer.bytes);
    // The engine was replaced by one that has given up this version.
    if (/client version/.test(detail)) known = undefined;
    throw errorOfAnswer(answer.response.status, detail);
  }

  return {
    apiMinor,
    bytes,
    run: async (call) => void (await bytes(call)),
    json: async (schema, call) => parseAnswer(schema, await bytes(call), call.path),
  };
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let count = 0;
  for await (const chunk of response.body ?? []) {
    count += chunk.byteLength;
    if (count > answerBytesMax) throw new EngineError("malformed", "the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseAnswer<T>(schema: z.ZodType<T>, bytes: Uint8Array, path: string): T {
  const parsed = schema.safeParse(jsonOf(bytes));
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.join("."));
  throw new EngineError("malformed", `${path}: ${paths.join(", ")}`);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function messageOf(bytes: Uint8Array): string {
  const answer = jsonOf(bytes);
  const isMessage = typeof answer === "object" && answer !== null && "message" in answer;
  return isMessage && typeof answer.message === "string" ? answer.message.trim() : "";
}

const codeOf = (error: unknown) =>
  error instanceof Error ? ("code" in error ? String(error.code) : error.name) : "unknown";
