import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { appendAudit, PLATFORM_STREAM } from "../../audit/append.ts";
import { withTx } from "../../db/tx.ts";
import { forbidden, notFound } from "../../errors.ts";
import { auditActor } from "../../members/audit-actor.ts";
import { authenticateBearer } from "../../tokens/authenticate-bearer.ts";
import { type Access, authorization } from "../authorization.ts";
import { clientAddress } from "../client-address.ts";
import { ctxOf, type Env } from "../env.ts";
import { refusalOf } from "../refusal-of.ts";
import { createDenials, type Denials } from "./count-denials.ts";

/**
 * Finds out who asks and whether the matrix lets them. Throws 404 for a path that leads nowhere, 401, or 403; a 403
 * is on record, of the same again and again within a minute the 1st, 10th, 100th and so on.
 */
export function authorize(denials: Denials = createDenials()): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { route, access } = accessOf(c);
    if (access.callers !== "anyone") {
      c.set("caller", await authenticateBearer(c.var.deps, c.req.header("authorization"), clientAddress(c)));
      const refusal = refusalOf(access, ctxOf(c).caller);
      if (refusal) {
        await recordDenial(c, denials, route, refusal.code);
        throw refusal;
      }
    }
    await next();
  };
}

function accessOf(c: Context<Env>): { route: string; access: Access } {
  const matched = matchedRoutes(c).findLast((candidate) => candidate.method !== "ALL");
  if (!matched) throw notFound();
  const route = `${matched.method} ${matched.path}`;
  const access = authorization[route];
  if (!access) throw forbidden("forbidden", "Nobody may call this.");
  return { route, access };
}

async function recordDenial(c: Context<Env>, denials: Denials, route: string, reason: string): Promise<void> {
  const ctx = ctxOf(c);
  const alike = [ctx.caller.clientId ?? ctx.caller.id, route, reason].join(" ");
  const count = denials.count(alike);
  if (count === undefined) return;
  const stream = ctx.caller.departmentId ?? PLATFORM_STREAM;
  const event = {
    ...auditActor(ctx),
    stream,
    action: "http.request",
    decision: "denied" as const,
    reason,
    meta: { route, count },
  };
  await withTx(ctx.db.app, (tx) => appendAudit(tx, [event])).catch((error: unknown) => {
    denials.forget(alike);
    throw error;
  });
}
