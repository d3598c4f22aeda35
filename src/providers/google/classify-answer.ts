import { OAuthError, type OAuthErrorClass } from "./oauth-error.ts";

// RFC 6749 §5.2 and Google's own; whatever is not here and has no status of its own meaning is refused.
const classes: Readonly<Record<string, OAuthErrorClass>> = {
  invalid_grant: "reconsent",
  invalid_rapt: "reconsent",
  invalid_client: "client_broken",
  deleted_client: "client_broken",
  disabled_client: "client_broken",
  unauthorized_client: "client_broken",
  temporarily_unavailable: "transient",
  internal_failure: "transient",
  server_error: "transient",
  rate_limit_exceeded: "transient",
  slow_down: "transient",
};

/** The error of an answer that is not the one expected: by status and `error`, never by its text. */
export async function classifyAnswer(response: Response): Promise<OAuthError> {
  const { status } = response;
  const retryAfterSeconds = readRetryAfter(response.headers.get("retry-after"));
  if (status === 429 || status === 408) return transient("rate_limited", retryAfterSeconds);
  const error = await readErrorCode(response);
  if (status >= 500) return transient(error ?? `http_${status}`, retryAfterSeconds);
  if (status < 400 || error === undefined) return transient("malformed", retryAfterSeconds);
  const kind = classes[error] ?? "refused";
  return new OAuthError(kind, error, {
    retryAfterSeconds: kind === "transient" ? retryAfterSeconds : undefined,
  });
}

const transient = (reason: string, retryAfterSeconds?: number) =>
  new OAuthError("transient", reason, { retryAfterSeconds });

/** Only a word that can be an error code: a provider may echo anything. */
async function readErrorCode(response: Response): Promise<string | undefined> {
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  return typeof body.error === "string" && /^[a-z_]{1,40}$/.test(body.error) ? body.error : undefined;
}

const longestWaitSeconds = 3600;

/** Seconds or a date (RFC 9110 §10.2.3). */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d{1,6}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(longestWaitSeconds, Math.max(0, Math.ceil(seconds)));
}
