import type { MiddlewareHandler } from "hono";
import { findConsoleSession } from "../../console-sessions/find.ts";
import { formTokenOf } from "../../console-sessions/session-token.ts";
import { readSessionCookie } from "../cookies.ts";
import type { ConsoleEnv } from "../env.ts";

/** Finds out who is signed in, if anybody is; what that opens is decided behind it. */
export function session(): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    const token = readSessionCookie(c);
    const isToken = token !== undefined && /^[A-Za-z0-9_-]{43}$/.test(token);
    // What the page's own script asks for is no use by a person.
    const touch = c.req.header("federation-refresh") === undefined;
    const found = isToken ? await findConsoleSession(c.var.deps, token, { touch }) : undefined;
    if (found && isToken) {
      c.set("session", { ...found, token, formToken: formTokenOf(token) });
      c.set("caller", found.caller);
    }
    await next();
  };
}
