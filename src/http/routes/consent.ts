import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "zod";
import { consentInvalid } from "../../credentials/consent/consent.ts";
import { finishConsent } from "../../credentials/consent/finish.ts";
import { openConsent } from "../../credentials/consent/open.ts";
import { consentPage } from "../../credentials/consent/page.ts";
import { peekConsent } from "../../credentials/consent/peek.ts";
import { FederationError } from "../../errors.ts";
import { ctxOf, type Env, factory } from "../env.ts";
import { operation } from "../operation.ts";

const tag = "OAuth";
const page = { 200: "text/html" };

export const getConsent = factory.createHandlers(
  operation({ id: "showConsent", summary: "The page behind a consent link", tag, answers: page }),
  inHtml(),
  async (c) => {
    const { department, scopes } = await peekConsent(ctxOf(c), c.req.param("ticket") ?? "");
    const what = scopes.map((scope) => scope.replace("https://www.googleapis.com/auth/", "")).join(", ");
    const lines = [`Department ${department} asks for access to a Google account: ${what}.`];
    return c.html(consentPage(`Connect Google for ${department}`, lines, "Go on to Google"));
  },
);

export const postConsent = factory.createHandlers(
  operation({
    id: "openConsent",
    summary: "Uses a consent link, once, and sends the browser to the provider",
    tag,
    answers: { 302: "" },
  }),
  inHtml(),
  async (c) => {
    // Another site must not send somebody's browser past the page that says whom it is for.
    if (c.req.header("origin") !== new URL(c.var.deps.config.publicUrl).origin) throw consentInvalid();
    const { location, browser } = await openConsent(ctxOf(c), c.req.param("ticket") ?? "");
    setCookie(c, cookieName, browser, {
      httpOnly: true,
      sameSite: "Lax",
      path: "/",
      maxAge: 600,
      ...bound(c),
    });
    return c.redirect(location, 302);
  },
);

const callbackQuery = z.object({
  state: z.string().max(200).default(""),
  code: z.string().max(4000).optional(),
  error: z.string().max(200).optional(),
  iss: z.string().max(500).optional(),
});

export const getCallback = factory.createHandlers(
  operation({
    id: "finishConsent",
    summary: "Where the provider sends the browser back to",
    tag,
    answers: page,
  }),
  inHtml(),
  async (c) => {
    const query = callbackQuery.safeParse(c.req.query());
    if (!query.success || c.req.raw.method === "HEAD") throw consentInvalid();
    const { state, code, error, iss } = query.data;
    const browser = getCookie(c, cookieName, ...prefixOf(c)) ?? "";
    const { department, granted, missing } = await finishConsent(ctxOf(c), {
      state,
      browser,
      code,
      error,
      issuer: iss,
    });
    const lines = [
      `Department ${department} may now use: ${granted.join(", ")}.`,
      ...(missing.length > 0 ? [`Not granted, so these tools will not work: ${missing.join(", ")}.`] : []),
      "You can close this page.",
    ];
    return c.html(consentPage("Google is connected", lines));
  },
);

const cookieName = "federation_consent";

/** `__Host-` where there is https: no other host or path can set it. */
const isHttps = (c: Context<Env>) => c.var.deps.config.publicUrl.startsWith("https://");
const bound = (c: Context<Env>) => (isHttps(c) ? ({ secure: true, prefix: "host" } as const) : {});
const prefixOf = (c: Context<Env>): ["host"] | [] => (isHttps(c) ? ["host"] : []);

/** People get a page, also when it did not work; one and the same for every link that does not count. */
function inHtml() {
  return createMiddleware<Env>(async (c, next) => {
    await next();
    if (!(c.error instanceof FederationError)) return;
    const { status, message } = c.error;
    const text = status === 500 ? "Something went wrong on our side." : message;
    c.res = c.html(consentPage("Google is not connected", [text]), status as ContentfulStatusCode);
  });
}
