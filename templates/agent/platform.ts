import type { AgentConfig } from "./config.ts";
import { type FieldError, Problem } from "./problem.ts";
import type { Token, TokenSource } from "./token.ts";

export interface PlatformRequest {
  method: "GET" | "POST" | "PUT";
  /** Below /api/v1, e.g. `/cross-dept/query`. */
  path: string;
  query?: Record<string, string>;
  body?: Record<string, unknown>;
  timeoutSeconds?: number;
}

export interface Platform {
  /** Answers the parsed JSON; throws a Problem that may be shown to the agent's caller. */
  call(request: PlatformRequest): Promise<unknown>;
  token(): Promise<Token>;
}

export interface PlatformOptions {
  config: Pick<AgentConfig, "platformUrl">;
  token: TokenSource;
  send: typeof fetch;
}

/**
 * Calls the platform's API with the department's token. A refused token is dropped and the call is made once more:
 * a token from before the department's activation carries only `self:check`, the next one carries everything.
 */
export function createPlatform({ config, token, send }: PlatformOptions): Platform {
  async function attempt(request: PlatformRequest, { accessToken }: Token) {
    const url = new URL(`${config.platformUrl}/api/v1${request.path}`);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    try {
      const response = await send(url, {
        method: request.method,
        headers: {
          authorization: `Bearer ${accessToken}`,
          accept: "application/json",
          "content-type": "application/json",
        },
        ...(request.body && { body: JSON.stringify(request.body) }),
        redirect: "error",
        signal: AbortSignal.timeout((request.timeoutSeconds ?? 10) * 1000),
      });
      return { status: response.status, body: parseJson(await response.text()) };
    } catch (cause) {
      throw new Problem(503, "platform_unreachable", "The platform does not answer.", { cause });
    }
  }

  return {
    token: () => token.get(),
    async call(request) {
      const first = await token.get();
      let answer = await attempt(request, first);
      if (isStaleToken(answer)) {
        token.drop(first);
        answer = await attempt(request, await token.get());
      }
      if (answer.status < 200 || answer.status > 299) throw refusal(answer);
      return answer.body;
    },
  };
}

interface Answer {
  status: number;
  body: unknown;
}

const isStaleToken = ({ status, body }: Answer) =>
  status === 401 || (status === 403 && fieldsOf(body)["code"] === "insufficient_scope");

/** The platform's own 4xx are for the caller; a 401 is between us and the platform, a 5xx is its own trouble. */
function refusal({ status, body }: Answer): Problem {
  if (status === 401)
    return new Problem(502, "platform_refused", "The platform refuses this agent's credentials.");
  if (status < 400 || status > 499)
    return new Problem(503, "platform_unavailable", `The platform answered ${status}.`);
  const { code, detail, errors } = fieldsOf(body);
  return new Problem(
    status,
    typeof code === "string" ? code : "platform_refused",
    typeof detail === "string" ? detail : `The platform answered ${status}.`,
    Array.isArray(errors) ? { errors: errors.filter(isFieldError) } : {},
  );
}

const isFieldError = (error: unknown): error is FieldError => {
  const { path, message } = fieldsOf(error);
  return typeof path === "string" && typeof message === "string";
};

/** The fields of what should be an object; none for everything else. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
