import { z } from "zod";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { signDocument } from "../crypto/certificate.ts";
import { withTx } from "../db/tx.ts";
import { conflict, FederationError, unprocessable } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { createSigningKeys } from "../tokens/signing-keys.ts";
import { type Evidence, readEvidence } from "./evidence.ts";
import {
  evidenceFacts,
  type ManifestDocument,
  manifestJson,
  manifestType,
  type SignedManifest,
} from "./manifest.ts";
import { type ReleaseView, selectRelease } from "./release.ts";

export const promotionInput = z.strictObject({
  to: z.enum(["staging", "production"]),
  /** Where it can be seen that the tests are green: the address of a build, or a sentence. */
  tests: z.string().trim().min(1).max(500).optional(),
});
export type PromotionInput = z.infer<typeof promotionInput>;

/**
 * Signs that a release was proven here, for another environment to import. Throws 409 `evidence_missing` with
 * everything that is missing, 409 `release_elsewhere` for one that was imported.
 */
export async function promoteRelease(
  ctx: Ctx,
  idOrName: string,
  input: PromotionInput,
): Promise<SignedManifest> {
  const { app } = ctx.db;
  const { environment } = ctx.config;
  if (input.to === environment)
    throw unprocessable("same_environment", `This is ${environment}; a release is promoted to another one.`);
  const release = await selectRelease(app, idOrName);
  if (release.source_environment !== environment)
    throw conflict(
      "release_elsewhere",
      `The release was made in ${release.source_environment}; promote it there.`,
    );
  const evidence = await readEvidence(app, release.id, ctx.config.promotionHealthyHours);
  const document = documentOf(ctx, release, input, factsOf(evidence, input.tests));
  const key = await createSigningKeys({ sql: app, vault: ctx.vault }).active();
  const { signature, kid } = await signDocument(key, manifestJson(document), manifestType);
  const manifest = { document, signature, kid };
  await withTx(app, async (tx) => {
    await tx`
      update federation.release set manifest = ${tx.json(manifestJson(document))}, signature = ${signature}, kid = ${kid}
      where id = ${release.id}`;
    await completeIdempotency(tx, ctx, 200, manifest);
    const event = {
      ...auditActor(ctx),
      stream: PLATFORM_STREAM,
      action: "release.promote",
      target: release.id,
    };
    const meta = { name: release.name, to: input.to, kid, tests: document.evidence.tests };
    await appendAudit(tx, [{ ...event, decision: "done", meta }]);
  });
  return manifest;
}

function factsOf({ missing, ...facts }: Evidence, tests: string | undefined) {
  const lacking =
    tests === undefined ? [...missing, { path: "tests", message: "say where they are green" }] : missing;
  const parsed = evidenceFacts.safeParse({ ...facts, tests });
  if (lacking.length === 0 && parsed.success) return parsed.data;
  const message = "What has to speak for a release before it is promoted is not there yet.";
  throw new FederationError("evidence_missing", message, { status: 409, errors: lacking });
}

function documentOf(
  ctx: Ctx,
  { name, agent_image, templates, schema_version }: ReleaseView,
  { to }: PromotionInput,
  evidence: ManifestDocument["evidence"],
): ManifestDocument {
  return {
    statement: "This release was proven in its source and is promoted.",
    release: { name, agent_image, templates, schema_version },
    from: ctx.config.environment,
    source: ctx.config.publicUrl,
    to,
    evidence,
    issued_at: new Date().toISOString(),
    issued_by: ctx.caller.id,
  };
}
