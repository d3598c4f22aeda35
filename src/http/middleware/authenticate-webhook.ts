import type { Context, MiddlewareHandler } from "hono";
import type { Caller } from "../../context.ts";
import { authenticateBearer } from "../../tokens/authenticate-bearer.ts";
import { authenticateSource } from "../../webhooks/inbound/authenticate-source.ts";
import { signatureHeaders } from "../../webhooks/signature.ts";
import { inboundPath } from "../../webhooks/sources/source.ts";
import { clientAddress } from "../client-address.ts";
import type { Env } from "../env.ts";

/**
 * Finds out who sends a webhook: by a signature over the raw bytes, so it stands after the limit of bytes and before
 * anything parses them; or by a key, for senders that can only set a header. The one route whose caller is not known
 * before its body is read. Throws 401.
 */
export function authenticateWebhook(): MiddlewareHandler<Env> {
  return async (c, next) => {
    if (c.req.method === "POST" && c.req.path === inboundPath) c.set("caller", await senderOf(c));
    await next();
  };
}

async function senderOf(c: Context<Env>): Promise<Caller> {
  const { deps } = c.var;
  const authorization = c.req.header("authorization");
  if (authorization !== undefined) return authenticateBearer(deps, authorization, clientAddress(c));
  const header = (name: keyof typeof signatureHeaders) => c.req.header(signatureHeaders[name]) ?? "";
  return authenticateSource({ sql: deps.db.app, vault: deps.vault }, c.req.query("source"), {
    id: header("id"),
    timestamp: header("timestamp"),
    signature: header("signature"),
    body: new Uint8Array(await c.req.arrayBuffer()),
  });
}
