import type { AgentConfig } from "./config.ts";
import { Problem } from "./problem.ts";

export interface Token {
  accessToken: string;
  scope: string;
}

export interface TokenSource {
  /** The current token, or a new one; callers that come at once share one request. */
  get(): Promise<Token>;
  /** Forgets this token (and only this one), so that the next `get` asks again. */
  drop(token: Token): void;
}

export interface TokenSourceOptions {
  send?: typeof fetch;
  timeoutSeconds?: number;
  /** Pause after the first refusal; doubles up to 5 s. */
  backoffSeconds?: number;
  nowMs?: () => number;
}

const renewAt = 0.8;
const backoffSecondsMax = 5;

/** Client-credentials tokens (RFC 6749 4.4) of the department's key, renewed at 80 % of their life. */
export function createTokenSource(
  config: Pick<AgentConfig, "platformUrl" | "keyId" | "keySecret">,
  {
    send = fetch,
    timeoutSeconds = 3,
    backoffSeconds = 0.1,
    nowMs = () => performance.now(),
  }: TokenSourceOptions = {},
): TokenSource {
  let current: (Token & { renewAtMs: number }) | undefined;
  let asking: Promise<Token> | undefined;
  let failure: { error: Problem; untilMs: number } | undefined;
  let failures = 0;

  async function ask(): Promise<Token> {
    try {
      const { expiresInSeconds, ...token } = await requestToken(config, send, timeoutSeconds);
      current = { ...token, renewAtMs: nowMs() + expiresInSeconds * renewAt * 1000 };
      failures = 0;
      failure = undefined;
      return current;
    } catch (error) {
      const pause = Math.min(backoffSecondsMax, backoffSeconds * 2 ** failures++);
      failure = { error: asProblem(error), untilMs: nowMs() + pause * 1000 };
      throw failure.error;
    } finally {
      asking = undefined;
    }
  }

  return {
    async get() {
      if (current && nowMs() < current.renewAtMs) return current;
      if (failure && nowMs() < failure.untilMs) throw failure.error;
      return await (asking ??= ask());
    },
    drop(token) {
      if (current === token) current = undefined;
    },
  };
}

async function requestToken(
  { platformUrl, keyId, keySecret }: Pick<AgentConfig, "platformUrl" | "keyId" | "keySecret">,
  send: typeof fetch,
  timeoutSeconds: number,
): Promise<Token & { expiresInSeconds: number }> {
  const response = await send(`${platformUrl}/api/v1/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ grant_type: "client_credentials", client_id: keyId, client_secret: keySecret }),
    redirect: "error",
    signal: AbortSignal.timeout(timeoutSeconds * 1000),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Problem(502, "token_refused", `The platform gave no token (status ${response.status}).`);
  }
  const { access_token, expires_in, scope } = (await response.json()) as Record<string, unknown>;
  if (typeof access_token !== "string" || typeof expires_in !== "number" || !(expires_in > 0)) {
    throw new Problem(502, "token_malformed", "The platform's token does not read.");
  }
  return {
    accessToken: access_token,
    scope: typeof scope === "string" ? scope : "",
    expiresInSeconds: expires_in,
  };
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(503, "platform_unreachable", "The platform does not answer.", { cause: error });
}
