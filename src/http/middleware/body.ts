import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { badRequest, FederationError, unprocessable } from "../../errors.ts";
import type { Env } from "../env.ts";

const bodyBytesMax = 1024 * 1024;
const depthMax = 64;
const keysMax = 1000;
/** Bulk routes: 500 items of up to 20 fields. */
const bulkKeysMax = 10_000;
const bulkPath =
  /^\/api\/v1\/departments\/[^/]+\/(documents|contacts|emails|events|sessions|messages|tool-calls)$/;
const formPaths = ["/api/v1/token", "/api/v1/token/revoke"];

/** Bodies of at most 1 MB, by the declared length and by counting. Throws 413. */
export function limitBody(): MiddlewareHandler<Env> {
  const limit = bodyLimit({
    maxSize: bodyBytesMax,
    onError: () => {
      throw new FederationError("body_too_large", "A body is at most 1 MB.", { status: 413 });
    },
  });
  return limit;
}

/**
 * Refuses what is no sane JSON before any schema sees it: another content type (415), malformed text (400), more than
 * 64 levels (400), too many keys, `__proto__`, text that Postgres cannot hold (422).
 */
export function checkBody(): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD" || !c.req.raw.body) return next();
    const bytes = await c.req.arrayBuffer();
    if (bytes.byteLength === 0) return next();
    const type = (c.req.header("content-type") ?? "").toLowerCase();
    if (formPaths.includes(c.req.path) && type.split(";")[0]?.trim() === "application/x-www-form-urlencoded")
      return next();
    if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/.test(type)) {
      throw new FederationError("unsupported_media_type", "The body has to be application/json in UTF-8.", {
        status: 415,
      });
    }
    inspect(parse(bytes), bulkPath.test(c.req.path) ? bulkKeysMax : keysMax);
    await next();
  };
}

function parse(bytes: ArrayBuffer): unknown {
  const malformed = badRequest("malformed_body", "The body is not JSON in UTF-8.");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw malformed;
  }
  if (depthOf(text) > depthMax) throw badRequest("too_deep", `JSON is at most ${depthMax} levels deep.`);
  try {
    return JSON.parse(text);
  } catch {
    throw malformed;
  }
}

/** Counted on the text, so that a bomb never reaches the parser. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (quoted) {
      if (letter === 0x5c) at++;
      else if (letter === 0x22) quoted = false;
    } else if (letter === 0x22) quoted = true;
    else if (letter === 0x7b || letter === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (letter === 0x7d || letter === 0x5d) depth--;
  }
  return deepest;
}

function inspect(body: unknown, keysLeft: number): void {
  const waiting: unknown[] = [body];
  let keys = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === "string") checkText(value);
    else if (Array.isArray(value)) for (const item of value) waiting.push(item);
    else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (++keys > keysLeft) throw unprocessable("too_many_keys", `A body has at most ${keysLeft} keys.`);
        if (key === "__proto__") throw unprocessable("forbidden_key", "The key __proto__ is refused.");
        checkText(key);
        waiting.push(item);
      }
    }
  }
}

function checkText(text: string): void {
  if (text.includes("\0") || !text.isWellFormed()) {
    throw unprocessable("forbidden_text", "Text with U+0000 or half a surrogate pair is refused.");
  }
}
