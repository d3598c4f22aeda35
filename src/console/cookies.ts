import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { ConsoleEnv } from "./env.ts";

type Sent = Context<ConsoleEnv>;

const sessionCookie = "federation";
const flashCookie = "federation_flash";
const flashSeconds = 60;
const flashLettersMax = 400;
const sessionSeconds = 12 * 3600;

/** `__Host-` where there is https: no other host or path can set it. */
const isHttps = (c: Sent) => c.var.deps.config.publicUrl.startsWith("https://");
const prefixOf = (c: Sent): ["host"] | [] => (isHttps(c) ? ["host"] : []);
const bound = (c: Sent) => (isHttps(c) ? ({ secure: true, prefix: "host" } as const) : {});
const kept = (c: Sent, sameSite: "Strict" | "Lax") =>
  ({ httpOnly: true, sameSite, path: "/", ...bound(c) }) as const;

export const readCookie = (c: Sent, name: string) => getCookie(c, name, ...prefixOf(c));
export const readSessionCookie = (c: Sent) => readCookie(c, sessionCookie);

export function keepSession(c: Sent, token: string): void {
  setCookie(c, sessionCookie, token, { ...kept(c, "Strict"), maxAge: sessionSeconds });
}

export function dropSession(c: Sent): void {
  deleteCookie(c, sessionCookie, kept(c, "Strict"));
}

/** For the way to an issuer and back: a Strict cookie would not come along. */
export function keepBriefly(c: Sent, name: string, value: string): void {
  setCookie(c, name, value, { ...kept(c, "Lax"), maxAge: 600 });
}

export function dropBrief(c: Sent, name: string): void {
  deleteCookie(c, name, kept(c, "Lax"));
}

/** What the next page says at its top, once. */
export function flash(c: Sent, text: string): void {
  setCookie(c, flashCookie, text.slice(0, flashLettersMax), { ...kept(c, "Strict"), maxAge: flashSeconds });
}

export function takeFlash(c: Sent): string | undefined {
  const text = readCookie(c, flashCookie);
  if (text !== undefined) deleteCookie(c, flashCookie, kept(c, "Strict"));
  return text?.slice(0, flashLettersMax);
}
