import { z } from "zod";
import { explainQuestion, explanation } from "../../gateway/explain.ts";
import { approveGrant } from "../../grants/approve.ts";
import { approvalInput, endInput, grantInput, grantStatus, grantView } from "../../grants/grant.ts";
import { listGrants } from "../../grants/list.ts";
import { rejectGrant } from "../../grants/reject.ts";
import { requestGrant } from "../../grants/request.ts";
import { revokeGrant } from "../../grants/revoke.ts";
import { showGrant } from "../../grants/show.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "Grants";
const grantQuery = pageQuery.extend({
  status: grantStatus.optional(),
  department_id: z.string().max(64).optional(),
});

export const getDecisionLog = factory.createHandlers(
  operation({
    id: "explainQuestion",
    summary: "Says how a question was decided, and why, to source, target and auditors",
    tag: "Gateway",
    answers: { 200: explanation },
  }),
  async (c) => c.json(await explainQuestion(ctxOf(c), idParam(c, "query_id"))),
);

export const getGrants = factory.createHandlers(
  operation({
    id: "listGrants",
    summary: "Lists what a department may ask another",
    tag,
    answers: { 200: pageOf(grantView) },
  }),
  queryString(grantQuery),
  async (c) => c.json(await listGrants(ctxOf(c), c.req.valid("query"))),
);

export const postGrant = factory.createHandlers(
  operation({
    id: "requestGrant",
    summary: "Asks a department's admin for a grant; a repeat answers the request that is open",
    tag,
    answers: { 201: grantView },
    idempotent: true,
  }),
  jsonBody(grantInput),
  idempotency(),
  async (c) => c.json(await requestGrant(ctxOf(c), c.req.valid("json")), 201),
);

export const getGrant = factory.createHandlers(
  operation({ id: "showGrant", summary: "Shows a grant to either side", tag, answers: { 200: grantView } }),
  async (c) => c.json(await showGrant(ctxOf(c), idParam(c))),
);

export const postApprove = factory.createHandlers(
  operation({
    id: "approveGrant",
    summary: "Opens a grant, as an admin of the target",
    tag,
    answers: { 200: grantView },
    idempotent: true,
  }),
  jsonBody(approvalInput),
  idempotency(),
  async (c) => c.json(await approveGrant(ctxOf(c), idParam(c), c.req.valid("json"))),
);

export const postReject = factory.createHandlers(
  operation({
    id: "rejectGrant",
    summary: "Refuses a request, as an admin of the target",
    tag,
    answers: { 200: grantView },
    idempotent: true,
  }),
  jsonBody(endInput),
  idempotency(),
  async (c) => c.json(await rejectGrant(ctxOf(c), idParam(c), c.req.valid("json"))),
);

export const postRevoke = factory.createHandlers(
  operation({
    id: "revokeGrant",
    summary: "Ends a grant or takes a request back, as an admin of either side or the platform",
    tag,
    answers: { 200: grantView },
    idempotent: true,
  }),
  jsonBody(endInput),
  idempotency(),
  async (c) => c.json(await revokeGrant(ctxOf(c), idParam(c), c.req.valid("json"))),
);
