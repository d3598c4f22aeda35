import { timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { FederationError, forbidden, unprocessable } from "../../errors.ts";
import type { ConsoleEnv } from "../env.ts";

const fieldsMax = 500;

/**
 * Reads a form, and takes it only from a page of ours: by what the browser says of where it comes from, and with a
 * session by the session's own form token. Throws 403 `cross_site`, 403 `form_expired`, 415, 422.
 */
export function ownForm(): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    c.set("form", new URLSearchParams());
    if (c.req.method === "GET" || c.req.method === "HEAD") return next();
    if (!isSameOrigin(c)) throw forbidden("cross_site", "A form is taken from the console's own pages only.");
    const form = await readForm(c);
    const { session } = c.var;
    if (session && !isEqual(form.get("form_token") ?? "", session.formToken)) {
      throw forbidden("form_expired", "The form belongs to another session; open the page again.");
    }
    c.set("form", form);
    await next();
  };
}

/** Sec-Fetch-Site where the browser sends it, else Origin; a browser sends at least one with a form. */
function isSameOrigin(c: Context<ConsoleEnv>): boolean {
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  if (site !== undefined && site !== "same-origin") return false;
  const { publicUrl } = c.var.deps.config;
  const own = [new URL(publicUrl).origin];
  // On loopback the console is opened under several names.
  if (publicUrl.startsWith("http://")) own.push(`http://${c.req.header("host") ?? ""}`);
  if (origin === undefined || origin === "null") return site === "same-origin";
  return own.includes(origin);
}

async function readForm(c: Context<ConsoleEnv>): Promise<URLSearchParams> {
  const type = (c.req.header("content-type") ?? "").toLowerCase().split(";")[0]?.trim();
  if (type !== "application/x-www-form-urlencoded")
    throw new FederationError("unsupported_media_type", "The console takes forms only.", { status: 415 });
  const form = new URLSearchParams(await c.req.text());
  if (form.size > fieldsMax)
    throw unprocessable("too_many_fields", `A form has at most ${fieldsMax} fields.`);
  for (const [name, value] of form) {
    if (`${name}${value}`.includes("\0"))
      throw unprocessable("forbidden_text", "Text with U+0000 is refused.");
  }
  return form;
}

const isEqual = (given: string, wanted: string) => {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
};
