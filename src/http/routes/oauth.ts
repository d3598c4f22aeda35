import { z } from "zod";
import { consentStarted, startConsent } from "../../credentials/consent/start.ts";
import { revokeCredential } from "../../credentials/revoke.ts";
import { credentialView, showCredentials } from "../../credentials/show.ts";
import { unprocessable } from "../../errors.ts";
import { addClient } from "../../oauth-clients/add.ts";
import { bringClient } from "../../oauth-clients/bring.ts";
import { listClients } from "../../oauth-clients/list.ts";
import { oauthClientInput, oauthClientView } from "../../oauth-clients/oauth-client.ts";
import { retireClient, retireInput } from "../../oauth-clients/retire.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { departmentParam, idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "OAuth";
const departmentQuery = z.strictObject({ department_id: z.string().min(1).max(64).optional() });

export const getStart = factory.createHandlers(
  operation({
    id: "startConsent",
    summary: "Gives a link by which a person consents at Google for the department",
    tag,
    answers: { 200: consentStarted },
  }),
  queryString(departmentQuery),
  async (c) => c.json(await startConsent(ctxOf(c), c.req.valid("query").department_id)),
);

export const deleteGoogle = factory.createHandlers(
  operation({
    id: "revokeCredential",
    summary: "Ends the department's access to Google",
    tag,
    answers: { 204: "" },
  }),
  queryString(departmentQuery),
  async (c) => {
    const ctx = ctxOf(c);
    const department = c.req.valid("query").department_id ?? ctx.caller.departmentId;
    if (department === undefined) throw unprocessable("invalid_request", "Name the department.");
    await revokeCredential(ctx, department);
    return c.body(null, 204);
  },
);

export const getCredentials = factory.createHandlers(
  operation({
    id: "showCredentials",
    summary: "Shows what the department may do at Google, never a token",
    tag,
    answers: { 200: z.object({ items: z.array(credentialView) }) },
  }),
  async (c) => c.json({ items: await showCredentials(ctxOf(c), departmentParam(c)) }),
);

export const putOwnClient = factory.createHandlers(
  operation({
    id: "bringClient",
    summary: "Gives the department a Google client of its own",
    tag,
    answers: { 200: oauthClientView },
  }),
  jsonBody(oauthClientInput),
  async (c) => c.json(await bringClient(ctxOf(c), departmentParam(c), c.req.valid("json"))),
);

export const getClients = factory.createHandlers(
  operation({
    id: "listOAuthClients",
    summary: "Lists the pool of Google clients, never a secret",
    tag,
    answers: { 200: pageOf(oauthClientView) },
  }),
  queryString(pageQuery),
  async (c) => c.json(await listClients(ctxOf(c), c.req.valid("query"))),
);

export const postClient = factory.createHandlers(
  operation({
    id: "addOAuthClient",
    summary: "Adds a Google client to the pool: Google's downloaded JSON, or its fields",
    tag,
    answers: { 201: oauthClientView },
    idempotent: true,
  }),
  jsonBody(oauthClientInput),
  idempotency(),
  async (c) => c.json(await addClient(ctxOf(c), c.req.valid("json")), 201),
);

export const postRetireClient = factory.createHandlers(
  operation({
    id: "retireOAuthClient",
    summary: "Takes a client out of the pool and destroys its secret",
    tag,
    answers: { 200: oauthClientView },
  }),
  jsonBody(retireInput),
  async (c) => c.json(await retireClient(ctxOf(c), idParam(c), c.req.valid("json"))),
);
