import { z } from "zod";
import { apiKeyInput, apiKeyView, mintedApiKey } from "../../api-keys/api-key-view.ts";
import { listApiKeys } from "../../api-keys/list.ts";
import { mintApiKeyFor } from "../../api-keys/mint.ts";
import { revokeApiKey } from "../../api-keys/revoke.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "People and keys";
const apiKeyQuery = pageQuery.extend({
  department_id: z.string().max(64).optional(),
  member_id: z.uuid().optional(),
});

export const getApiKeys = factory.createHandlers(
  operation({
    id: "listApiKeys",
    summary: "Lists API keys, never their text",
    tag,
    answers: { 200: pageOf(apiKeyView) },
  }),
  queryString(apiKeyQuery),
  async (c) => c.json(await listApiKeys(ctxOf(c), c.req.valid("query"))),
);

export const postApiKey = factory.createHandlers(
  operation({
    id: "mintApiKey",
    summary: "Mints an API key; its text is shown once",
    tag,
    answers: { 201: mintedApiKey },
    idempotent: true,
  }),
  jsonBody(apiKeyInput),
  idempotency(),
  async (c) => c.json(await mintApiKeyFor(ctxOf(c), c.req.valid("json")), 201),
);

export const deleteApiKey = factory.createHandlers(
  operation({
    id: "revokeApiKey",
    summary: "Ends an API key within a second everywhere",
    tag,
    answers: { 204: "" },
  }),
  async (c) => {
    await revokeApiKey(ctxOf(c), idParam(c));
    return c.body(null, 204);
  },
);
