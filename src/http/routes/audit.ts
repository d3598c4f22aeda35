import { z } from "zod";
import { exportAudit } from "../../audit/export.ts";
import { proveEvent } from "../../audit/prove-event.ts";
import { auditPage, auditQuery, searchAudit } from "../../audit/search.ts";
import { verification, verifyTrail } from "../../audit/verify-trail.ts";
import { ctxOf, factory } from "../env.ts";
import { operation } from "../operation.ts";
import { queryString } from "../validate.ts";

const tag = "Audit";
const lines = "application/x-ndjson";
const instant = z.iso.datetime({ offset: true });

export const getAudit = factory.createHandlers(
  operation({
    id: "searchAudit",
    summary: "Searches the audit trail, newest first; a department its own",
    tag,
    answers: { 200: auditPage },
  }),
  queryString(auditQuery),
  async (c) => c.json(await searchAudit(ctxOf(c), c.req.valid("query"))),
);

export const getAuditExport = factory.createHandlers(
  operation({
    id: "exportAudit",
    summary: "Streams the trail with proofs and a signed manifest, verifiable offline",
    tag,
    answers: { 200: lines },
  }),
  queryString(
    z.strictObject({
      department_id: z.string().min(1).max(64).optional(),
      from: instant.optional(),
      until: instant.optional(),
    }),
  ),
  async (c) => {
    const stream = await exportAudit(ctxOf(c), c.req.valid("query"));
    c.header("content-type", lines);
    c.header("content-disposition", 'attachment; filename="audit.ndjson"');
    return c.body(stream);
  },
);

export const getAuditVerify = factory.createHandlers(
  operation({
    id: "verifyAudit",
    summary: "Recomputes the trail and compares it with the checkpoints",
    tag,
    answers: { 200: verification },
  }),
  async (c) => c.json(await verifyTrail(ctxOf(c))),
);

export const getAuditProof = factory.createHandlers(
  operation({
    id: "proveEvent",
    summary: "Proves one event by the chain to a signed checkpoint",
    tag,
    answers: { 200: lines },
  }),
  queryString(z.strictObject({ stream: z.uuid(), seq: z.coerce.number().int().min(1) })),
  async (c) => {
    c.header("content-type", lines);
    return c.body(new Uint8Array(await proveEvent(ctxOf(c), c.req.valid("query"))));
  },
);
