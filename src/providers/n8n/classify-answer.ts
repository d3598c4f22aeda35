import { z } from "zod";
import { N8nError, type N8nErrorKind } from "./n8n-error.ts";

export interface RefusedAnswer {
  status: number;
  text: string;
  retryAfter: string | null;
  /** What a 409 means for this call. */
  conflict: N8nErrorKind;
  /** Removed from n8n's words, should it echo what it was sent. */
  secrets: readonly string[];
}

const detailCharactersMax = 300;
const retryAfterSecondsMax = 3600;

/** The error of an answer that is not 2xx. */
export function classifyAnswer(answer: RefusedAnswer): N8nError {
  const message = messageOf(answer.text);
  const retryAfterSeconds = readRetryAfter(answer.retryAfter);
  return new N8nError(kindOf(answer, message), {
    detail: describe(message ?? `HTTP ${answer.status}`, answer.secrets),
    answerStatus: answer.status,
    retryAfterSeconds,
  });
}

function kindOf({ status, text, conflict }: RefusedAnswer, message: string | undefined): N8nErrorKind {
  // In 2.8 every conflict of an activation is a 400.
  if (message !== undefined && /conflict with one of the webhooks/i.test(message)) return "path_conflict";
  if (status === 401 || status === 403) return "unauthorized";
  // A proxy in front of an n8n that is down answers 404 as well, which must not count as "gone".
  if (status === 404) return isOwnNotFound(text) ? "not_found" : "unavailable";
  if (status === 409) return conflict;
  if (status === 429) return "rate_limited";
  if (status === 408 || status >= 500) return "unavailable";
  return status < 400 || status === 405 ? "malformed" : "invalid";
}

const refusal = z.looseObject({ message: z.string() });
const ownNotFound = z.strictObject({ message: z.string() });

const isOwnNotFound = (text: string) => ownNotFound.safeParse(parsed(text)).success;
const messageOf = (text: string) => refusal.safeParse(parsed(text)).data?.message;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(message: string, secrets: readonly string[]): string {
  let text = message;
  for (const secret of secrets) if (secret !== "") text = text.replaceAll(secret, "[secret]");
  text = text.replaceAll(/\s+/g, " ").trim();
  return text.length > detailCharactersMax ? `${text.slice(0, detailCharactersMax)}…` : text;
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d{1,6}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(retryAfterSecondsMax, Math.max(0, Math.ceil(seconds)));
}
