import { z } from "zod";
import type { Secret } from "../crypto/secret.ts";
import type { FieldError } from "../errors.ts";
import type { JsonObject } from "../json.ts";

/** A problem answer of the API; status 0 when it could not be reached. */
export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: FieldError[] = [],
    /** Names the call in the audit; a refused question is found by it. */
    readonly requestId = "",
  ) {
    super(message);
  }
}

export interface ServerEvent {
  id: string;
  event: string;
  data: JsonObject;
}

export interface Client {
  get(path: string): Promise<JsonObject>;
  /** Creating calls carry an Idempotency-Key, so that a repeat after a lost answer is harmless. */
  send(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<JsonObject>;
  /** The body of an answer that is no JSON, as it comes. */
  stream(path: string): Promise<ReadableStream<Uint8Array>>;
  /** Prometheus' text of the web process that answers. */
  metrics(): Promise<string>;
  events(path: string, signal?: AbortSignal): AsyncGenerator<ServerEvent>;
}

const timeoutMs = 30_000;
const triesMax = 3;

const problem = z.object({
  code: z.string().default("http_error"),
  detail: z.string().default("The call failed."),
  request_id: z.string().default(""),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
});
const jsonObject = z.record(z.string(), z.json());

/** Talks to a Federation API at `url`, e.g. http://127.0.0.1:3000. Throws ApiError. */
export function createClient({ url, key }: { url: string; key: Secret<string> }): Client {
  const request = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { authorization: `Bearer ${key.reveal()}`, ...init.headers };
    const response = await fetch(new URL(`/api/v1${path}`, url), { ...init, headers }).catch(
      (cause: unknown) => {
        throw new ApiError(
          0,
          "unreachable",
          `${url} does not answer: ${cause instanceof Error ? cause.message : "error"}`,
        );
      },
    );
    if (response.ok) return response;
    const { code, detail, errors, request_id } = problem.parse(await response.json().catch(() => ({})));
    throw new ApiError(response.status, code, detail, errors, request_id);
  };
  const call = async (path: string, init: RequestInit): Promise<JsonObject> => {
    const response = await retried(() => request(path, { ...init, signal: AbortSignal.timeout(timeoutMs) }));
    return response.status === 204 ? {} : jsonObject.parse(await response.json());
  };
  return {
    get: (path) => call(path, { method: "GET" }),
    send(method, path, body) {
      const headers = {
        "idempotency-key": crypto.randomUUID(),
        ...(body && { "content-type": "application/json" }),
      };
      return call(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    },
    async stream(path) {
      const { body } = await request(path, { method: "GET" });
      if (!body) throw new ApiError(0, "unreachable", "The answer has no body.");
      return body;
    },
    // Beside the API, as /healthz is.
    metrics: async () => (await request("/../../metrics", { signal: AbortSignal.timeout(timeoutMs) })).text(),
    async *events(path, signal) {
      const response = await request(path, {
        headers: { accept: "text/event-stream" },
        ...(signal && { signal }),
      });
      if (response.body) yield* parseEvents(response.body);
    },
  };
}

async function retried(send: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      const passing = error instanceof ApiError && (error.status === 0 || error.status === 503);
      if (!passing || attempt === triesMax) throw error;
      await Bun.sleep(200 * 2 ** attempt);
    }
  }
}

/** Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html */
async function* parseEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let buffered = "";
  for await (const chunk of body) {
    buffered += decoder.decode(chunk, { stream: true });
    const blocks = buffered.split("\n\n");
    buffered = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line) => splitField(line)));
      const data = fields.get("data");
      if (data)
        yield {
          id: fields.get("id") ?? "",
          event: fields.get("event") ?? "message",
          data: jsonObject.parse(JSON.parse(data)),
        };
    }
  }
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
}
