import type { z } from "zod";
import type { Ctx } from "../context.ts";
import { evidenceView, readEvidence } from "./evidence.ts";
import { releaseView, selectRelease } from "./release.ts";

export const releaseDetail = releaseView.extend({ evidence: evidenceView });

/** A release by id or name, with what speaks for it here. Throws 404. */
export async function showRelease(ctx: Ctx, idOrName: string): Promise<z.infer<typeof releaseDetail>> {
  const view = await selectRelease(ctx.db.app, idOrName);
  const evidence = await readEvidence(ctx.db.app, view.id, ctx.config.promotionHealthyHours);
  return { ...view, evidence };
}
