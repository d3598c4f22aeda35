import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { routePath } from "hono/route";
import { notFound } from "../../errors.ts";
import { publicError } from "../../http/middleware/problem.ts";
import { dropSession } from "../cookies.ts";
import type { ConsoleEnv } from "../env.ts";
import { renderPage } from "../render-page.tsx";

/** The page of what went wrong; who is not signed in is sent to do so, and comes back. */
export function answerProblemPage(thrown: Error, c: Context<ConsoleEnv>) {
  const error = publicError(thrown);
  const { deps, requestId } = c.var;
  if (error.status >= 500) {
    deps.log.error(
      { err: thrown, request_id: requestId, code: error.code, route: routePath(c, -1) },
      "page failed",
    );
  }
  if (error.status === 401) {
    dropSession(c);
    const { pathname, search } = new URL(c.req.url);
    const next =
      c.req.method === "GET" && pathname !== "/sign-in"
        ? `?next=${encodeURIComponent(pathname + search)}`
        : "";
    return c.redirect(`/sign-in${next}`, 303);
  }
  if (error.retryAfterSeconds !== undefined)
    c.header("retry-after", String(Math.ceil(error.retryAfterSeconds)));
  c.status(error.status as ContentfulStatusCode);
  const detail =
    error.status === 500
      ? "Something went wrong on our side; the request id finds it in the log."
      : error.message;
  return renderPage(
    c,
    { title: "That did not work" },
    <>
      <p class="problem">{detail}</p>
      {error.errors.length > 0 && (
        <ul>
          {error.errors.map(({ path, message }) => (
            <li>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      <dl class="facts">
        <dt>Code</dt>
        <dd>
          <code>{error.code}</code>
        </dd>
        <dt>Request</dt>
        <dd>
          <code>{requestId}</code>
        </dd>
      </dl>
    </>,
  );
}

export const answerNoPage = (c: Context<ConsoleEnv>) => answerProblemPage(notFound(), c);
