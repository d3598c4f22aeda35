import type { Secret } from "../../crypto/secret.ts";
import { failed } from "./failed.ts";
import { isMutation, type OperationName, railwayOperations } from "./operations.ts";
import type { Answer } from "./read-answer.ts";

export type Send = (url: string, init: RequestInit) => Promise<Response>;

export interface Exchange {
  endpoint: string;
  send?: Send | undefined;
  timeoutSeconds: number;
}

export interface Question {
  token: Secret<string>;
  /** A project token has a header of its own. */
  isProjectToken?: boolean;
  operation: OperationName;
  /** What is undefined is not sent; null would unset it. */
  variables: object;
  signal: AbortSignal;
}

// A page of a hundred projects is about 100 KB.
const answerBytesMax = 8 * 1024 * 1024;

/**
 * Sends one operation and reads the answer, bounded in time and bytes. Throws a RailwayError: `unavailable` only where
 * nothing can have been carried out, and no error of the network's own, which may hold headers.
 */
export async function exchange(by: Exchange, question: Question): Promise<Answer> {
  const { token, isProjectToken = false, operation, variables, signal: given } = question;
  const { endpoint, send = fetch, timeoutSeconds } = by;
  const signal = AbortSignal.any([given, AbortSignal.timeout(timeoutSeconds * 1000)]);
  try {
    const response = await send(urlOf(endpoint), {
      method: "POST",
      headers: {
        ...(isProjectToken
          ? { "project-access-token": token.reveal() }
          : { authorization: `Bearer ${token.reveal()}` }),
        accept: "application/json",
        "content-type": "application/json",
      },
      body: JSON.stringify({ operationName: operation, query: railwayOperations[operation], variables }),
      redirect: "manual",
      signal,
    });
    return { status: response.status, headers: response.headers, text: await readBounded(response) };
  } catch (error) {
    const cause = signal.aborted ? (given.aborted ? "aborted" : "timeout") : codeOf(error);
    const happened = isMutation(operation) && !unsentCodes.has(cause);
    throw failed(happened ? "ambiguous" : "unavailable", operation, { cause });
  }
}

/** Without a query string Railway's edge lets 10 a second through, whatever the plan. */
function urlOf(endpoint: string): string {
  const url = new URL(endpoint);
  url.searchParams.set("source", "federation");
  return url.href;
}

/** There was no connection yet. */
const unsentCodes = new Set([
  "ConnectionRefused",
  "FailedToOpenSocket",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "network";
}

class TooLarge extends Error {
  readonly code = "answer too large";
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > answerBytesMax) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
