import { z } from "zod";
import { approvalStatuses, approvalView } from "../../approvals/approval.ts";
import { approveApproval } from "../../approvals/approve.ts";
import { listApprovals } from "../../approvals/list.ts";
import { rejectApproval } from "../../approvals/reject.ts";
import { ctxOf, factory } from "../env.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { operation } from "../operation.ts";
import { pageOf, pageQuery } from "../page-query.ts";
import { idParam } from "../params.ts";
import { jsonBody, queryString } from "../validate.ts";

const tag = "Safety";
const approvalQuery = pageQuery.extend({ status: z.enum(approvalStatuses).optional() });
const rejectBody = z.strictObject({ reason: z.string().trim().min(1).max(500).optional() });

export const getApprovals = factory.createHandlers(
  operation({
    id: "listApprovals",
    summary: "Lists what waits for a second person, and what became of it",
    tag,
    answers: { 200: pageOf(approvalView) },
  }),
  queryString(approvalQuery),
  async (c) => c.json(await listApprovals(ctxOf(c), c.req.valid("query"))),
);

export const postApprove = factory.createHandlers(
  operation({
    id: "approve",
    summary: "Approves what another person asked for",
    tag,
    answers: { 200: approvalView },
    idempotent: true,
  }),
  jsonBody(z.strictObject({})),
  idempotency(),
  async (c) => c.json(await approveApproval(ctxOf(c), idParam(c))),
);

export const postReject = factory.createHandlers(
  operation({
    id: "rejectApproval",
    summary: "Refuses it, or takes an unused approval back",
    tag,
    answers: { 200: approvalView },
    idempotent: true,
  }),
  jsonBody(rejectBody),
  idempotency(),
  async (c) => c.json(await rejectApproval(ctxOf(c), idParam(c), c.req.valid("json"))),
);
