import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { noteDenied } from "../../console-sessions/note-denied.ts";
import { forbidden, notFound } from "../../errors.ts";
import { createDenials } from "../../http/middleware/count-denials.ts";
import { refusalOf } from "../../http/refusal-of.ts";
import { consoleAuthorization } from "../authorization.ts";
import { consoleCtx, type ConsoleEnv, sessionOf } from "../env.ts";

/** Whether who is signed in may open this. Throws 404, 401, or 403, which is on record as the API's is. */
export function mayOpen(): MiddlewareHandler<ConsoleEnv> {
  const denials = createDenials();
  return async (c, next) => {
    const matched = matchedRoutes(c).findLast((candidate) => candidate.method !== "ALL");
    if (!matched) throw notFound();
    const route = `${matched.method} ${matched.path}`;
    const access = consoleAuthorization[route];
    if (!access) throw forbidden("forbidden", "Nobody may open this.");
    if (access.callers === "anyone") return next();
    const { caller } = sessionOf(c);
    const refusal = refusalOf(access, caller);
    if (!refusal) return next();
    const alike = [caller.id, route, refusal.code].join(" ");
    const count = denials.count(alike);
    if (count !== undefined) {
      const what = { action: "console.denied" as const, reason: refusal.code, meta: { route, count } };
      await noteDenied(consoleCtx(c), what).catch((error: unknown) => {
        denials.forget(alike);
        throw error;
      });
    }
    throw refusal;
  };
}
