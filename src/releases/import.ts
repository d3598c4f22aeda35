import { z } from "zod";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { verifyDocument } from "../crypto/certificate.ts";
import { importPublicKey, kidShape } from "../crypto/signing-key.ts";
import { withTx } from "../db/tx.ts";
import { conflict, unprocessable } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { manifestJson, manifestType, type SignedManifest, signedManifest } from "./manifest.ts";
import { type ReleaseView, selectRelease } from "./release.ts";

const publicKey = z.strictObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().regex(kidShape),
  alg: z.literal("EdDSA"),
  use: z.literal("sig"),
});

export const importInput = z.strictObject({
  manifest: signedManifest,
  /** The source's JWKS, as the caller has it from a place they trust. */
  jwks: z.strictObject({ keys: z.array(publicKey).min(1).max(100) }),
});
export type ImportInput = z.infer<typeof importInput>;

/**
 * Makes the release of a manifest that another environment signed for this one; the same manifest twice is one release.
 * Throws 422 `manifest_refused` for one that is not signed by a key of `jwks`, was changed, or is for somewhere else,
 * 409 `release_exists` where the name means something else here.
 */
export async function importRelease(ctx: Ctx, { manifest, jwks }: ImportInput): Promise<ReleaseView> {
  await checkSignature(manifest, jwks.keys);
  const { document, signature, kid } = manifest;
  const { environment } = ctx.config;
  if (document.to !== environment || document.from === environment)
    throw refused(`It was signed by ${document.from} for ${document.to}; this is ${environment}.`);
  const { name, agent_image, templates, schema_version } = document.release;
  const id = Bun.randomUUIDv7();
  return withTx(ctx.db.app, async (tx) => {
    const inserted = await tx`
      insert into federation.release (id, name, agent_image, templates, schema_version, source_environment, created_by,
        manifest, signature, kid)
      values (${id}, ${name}, ${agent_image}, ${tx.json(templates)}, ${schema_version}, ${document.from},
        ${ctx.caller.id}, ${tx.json(manifestJson(document))}, ${signature}, ${kid})
      on conflict (name) do nothing`;
    const view = await selectRelease(tx, name);
    if (inserted.count === 0 && view.manifest?.signature !== signature)
      throw conflict("release_exists", "There is another release with this name; it does not change.");
    await completeIdempotency(tx, ctx, 201, view);
    if (inserted.count > 0) {
      const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action: "release.import", target: id };
      const meta = { name, from: document.from, source: document.source, kid };
      await appendAudit(tx, [{ ...event, decision: "done", meta }]);
    }
    return view;
  });
}

async function checkSignature(manifest: SignedManifest, keys: ImportInput["jwks"]["keys"]): Promise<void> {
  const { document, signature, kid } = manifest;
  const key = keys.find((candidate) => candidate.kid === kid);
  if (!key) throw refused("It is not signed by any of the source's keys.");
  const imported = await importPublicKey(key).catch(() => undefined);
  const signed = { document: manifestJson(document), signature, kid };
  if (!imported || !(await verifyDocument(imported, signed, manifestType)))
    throw refused("The signature is not of this manifest.");
}

const refused = (why: string) => unprocessable("manifest_refused", `The manifest is refused. ${why}`);
