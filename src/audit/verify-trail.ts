import { z } from "zod";
import { verifyExport } from "../../templates/audit/verify-export.mjs";
import type { Ctx } from "../context.ts";
import { openAnchorDirectory } from "./anchor-directory.ts";
import { auditPublicKeys, openAuditKey } from "./audit-key.ts";
import { exportTrail } from "./export-trail.ts";
import { noteVerification } from "./note-verification.ts";
import { readOnRecord } from "./read-on-record.ts";

export const verification = z.object({
  ok: z.boolean(),
  events: z.int(),
  streams: z.int(),
  problems: z.array(z.string()),
  /** What checkpoints named and a later one gave up: lost with a restored backup, or cut. */
  gaps: z.array(z.string()),
  /** The last checkpoint that was compared with; 0 = none was made yet. */
  checkpoint: z.int(),
});
export type VerificationView = z.infer<typeof verification>;

/**
 * Recomputes the trail as it lies in the database, a department's people their own stream, and compares it with the last
 * checkpoint and with all of the anchor. What it finds is an answer, not an error; of the whole trail it is kept, too.
 */
export async function verifyTrail(ctx: Ctx): Promise<VerificationView> {
  const startedAt = new Date();
  const streams = await readOnRecord(ctx, { action: "audit.verify" });
  const sql = ctx.db.app;
  const anchor = openAnchorDirectory(ctx.config.auditAnchorUrl);
  // Made by whoever needs it first: it has to be there before it is trusted.
  await openAuditKey(sql, ctx.vault);
  const isAnchored = (await anchor.last()) > 0;
  const {
    events,
    problems,
    gaps,
    checkpoint,
    streams: counted,
  } = await verifyExport(exportTrail({ sql, vault: ctx.vault }, { streams }), {
    key: [...(await auditPublicKeys(sql)).values()],
    ...(isAnchored && { anchor: anchor.path }),
  });
  // Gaps of others are not a department's to know.
  const shown = gaps.filter((gap) => streams === undefined || streams.some((stream) => gap.includes(stream)));
  const isWhole = problems.length === 0 && shown.length === 0;
  if (streams === undefined)
    await noteVerification(ctx, { startedAt, problems: problems.length + shown.length });
  return { ok: isWhole, events, streams: counted, problems, gaps: shown, checkpoint };
}
