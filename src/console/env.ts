import type { Context } from "hono";
import { createFactory } from "hono/factory";
import type { ConsoleSession } from "../console-sessions/find.ts";
import type { Ctx } from "../context.ts";
import { unauthorized } from "../errors.ts";
import { ctxOf, type Env } from "../http/env.ts";

export interface ConsoleEnv {
  Bindings: Env["Bindings"];
  Variables: Env["Variables"] & {
    /** Undefined where nobody is signed in. */
    session: (ConsoleSession & { token: string; formToken: string }) | undefined;
    /** Fields of the form that was sent. */
    form: URLSearchParams;
  };
}

export const consoleFactory = createFactory<ConsoleEnv>();

/** What a page hands to its verb; its caller is who is signed in. */
export const consoleCtx = (c: Context<ConsoleEnv>): Ctx => ctxOf(c as Context);

/** Who is signed in. Throws 401, which becomes the sign-in page. */
export function sessionOf(c: Context<ConsoleEnv>): NonNullable<ConsoleEnv["Variables"]["session"]> {
  if (c.var.session) return c.var.session;
  throw unauthorized("unauthenticated", "Sign in first.");
}
