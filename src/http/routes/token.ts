import { z } from "zod";
import type { Context } from "hono";
import { badRequest } from "../../errors.ts";
import { issueToken } from "../../tokens/issue.ts";
import { revocationRequest, revokeToken } from "../../tokens/revoke.ts";
import { tokenAnswer, type TokenRequest, tokenRequest } from "../../tokens/token-request.ts";
import { clientAddress } from "../client-address.ts";
import { ctxOf, type Env, factory } from "../env.ts";
import { document, operation } from "../operation.ts";
import { invalid } from "../validate.ts";

/** RFC 6749 §4.4; the credentials as JSON, as a form, or as HTTP Basic. */
export const postToken = factory.createHandlers(
  operation({
    id: "issueToken",
    summary: "Gives a token of at most 15 minutes for an API key",
    tag: "System",
    answers: { 200: tokenAnswer },
  }),
  document(async (_c, next) => next(), { body: tokenRequest }),
  async (c) =>
    c.json(await issueToken(ctxOf(c), c.var.deps, { ...(await readRequest(c)), address: clientAddress(c) })),
);

/** RFC 7009: 200 also for a token that is none. */
export const postRevoke = factory.createHandlers(
  operation({
    id: "revokeToken",
    summary: "Ends one access token within a second everywhere",
    tag: "System",
    answers: { 200: z.object({}) },
  }),
  document(async (_c, next) => next(), { body: revocationRequest }),
  async (c) => {
    const parsed = revocationRequest.safeParse(await readFields(c));
    if (!parsed.success) throw invalid(parsed.error);
    await revokeToken(ctxOf(c), c.var.deps, parsed.data.token);
    return c.json({});
  },
);

async function readRequest(c: Context<Env>): Promise<TokenRequest> {
  const parsed = tokenRequest.safeParse({
    ...(await readFields(c)),
    ...basicCredentials(c.req.header("authorization")),
  });
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}

async function readFields(c: Context<Env>): Promise<object> {
  const text = await c.req.text();
  if (text === "") return {};
  if (c.req.header("content-type")?.toLowerCase().startsWith("application/x-www-form-urlencoded")) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  const body = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
  if (!body.success) throw invalid(body.error);
  return body.data;
}

/** RFC 6749 §2.3.1: both halves are form-encoded. */
function basicCredentials(header: string | undefined): object {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return {};
  const [id = "", ...rest] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  try {
    return { client_id: decodeURIComponent(id), client_secret: decodeURIComponent(rest.join(":")) };
  } catch {
    throw badRequest("malformed_credentials", "The Basic credentials are malformed.");
  }
}
