import type { Context } from "hono";
import { routePath } from "hono/route";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { badRequest, FederationError, notFound, unavailable, unprocessable } from "../../errors.ts";
import { RateLimitedError } from "../../limits/rate-limited-error.ts";
import type { Env } from "../env.ts";
import { setRateLimitHeaders } from "../rate-limit-headers.ts";

/** RFC 9457 answer to whatever was thrown; an unknown error is logged and told nobody. */
export function answerProblem(thrown: Error, c: Context<Env>): Response {
  const error = publicError(thrown);
  const { requestId, deps } = c.var;
  if (error.status >= 500) {
    deps.log.error(
      { err: thrown, request_id: requestId, code: error.code, method: c.req.method, route: routePath(c, -1) },
      "request failed",
    );
  }
  if (error.retryAfterSeconds !== undefined)
    c.header("retry-after", String(Math.ceil(error.retryAfterSeconds)));
  if (error instanceof RateLimitedError) setRateLimitHeaders(c, error.limits);
  if (error.status === 401) c.header("www-authenticate", 'Bearer realm="federation"');
  c.header("content-type", "application/problem+json");
  return c.body(
    JSON.stringify({
      type: "about:blank",
      title: titles[error.status] ?? "Error",
      status: error.status,
      code: error.code,
      detail:
        error.status === 500
          ? "Something went wrong on our side; the request id finds it in the log."
          : error.message,
      request_id: requestId,
      ...(error.errors.length > 0 && { errors: error.errors }),
    }),
    error.status as ContentfulStatusCode,
  );
}

/** The answer to a path that leads nowhere. */
export const answerNotFound = (c: Context<Env>): Response => answerProblem(notFound(), c);

const titles: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** What may be told of whatever was thrown. */
export function publicError(thrown: Error): FederationError {
  if (thrown instanceof FederationError) return thrown;
  if (thrown instanceof HTTPException && thrown.status === 400)
    return badRequest("malformed_body", "The body is malformed.");
  const refusal = refusedByDatabase(thrown);
  if (refusal) return refusal;
  if (isDatabaseDown(thrown))
    return unavailable("database_unavailable", "The database cannot be reached.", thrown);
  return new FederationError("internal", "unexpected", { cause: thrown });
}

/** Values that no check of ours found and Postgres cannot hold, and what only bad timing made fail. */
function refusedByDatabase(error: Error): FederationError | undefined {
  const { code } = error as { code?: unknown };
  if (typeof code !== "string") return undefined;
  if (
    /^22[0-9A-Z]{3}$/.test(code) ||
    code === "54000" ||
    (code === "XX000" && error.message.includes("tsquery"))
  ) {
    return unprocessable("unacceptable_value", "A value of the request cannot be stored or searched.");
  }
  if (code === "57014") return unavailable("query_too_slow", "The query took too long.", error);
  const passing =
    ["40P01", "40001", "55P03"].includes(code) || (code === "42501" && error.message === "call refused");
  return passing ? unavailable("busy", "The data is in use; try again.", error) : undefined;
}

const connectionErrors = new Set([
  ...["CONNECTION_CLOSED", "CONNECTION_ENDED", "CONNECTION_DESTROYED", "CONNECT_TIMEOUT"],
  ...["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT", "ENOTFOUND"],
  ...["53300", "57P01", "57P02", "57P03"],
]);

/** Driver, socket and SQLSTATE codes that say "not now"; ENOENT is a unix socket that is gone. */
function isDatabaseDown(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && (connectionErrors.has(code) || code.startsWith("08"));
}
