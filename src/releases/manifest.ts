import { z } from "zod";
import type { JsonObject } from "../json.ts";

/** Tells its signature from that of any other document of ours. */
export const manifestType = "federation-release+jws";

const environmentName = z.enum(["development", "staging", "production"]);
const instant = z.string().meta({ format: "date-time" });

/** On what grounds a release was promoted. */
export const evidenceFacts = z.strictObject({
  rollout: z.uuid(),
  /** Every department that runs it, and for how long it has been well since it does. */
  departments: z
    .array(z.strictObject({ department_id: z.string(), host: z.string(), healthy_hours: z.number() }))
    .min(1),
  healthy_hours_min: z.number(),
  tests: z.string(),
});

export const manifestDocument = z.strictObject({
  statement: z.literal("This release was proven in its source and is promoted."),
  release: z.strictObject({
    name: z.string(),
    agent_image: z.string().nullable(),
    templates: z.record(z.string(), z.int()),
    schema_version: z.int(),
  }),
  from: environmentName,
  source: z.string(),
  to: environmentName,
  evidence: evidenceFacts,
  issued_at: instant,
  issued_by: z.string(),
});
export type ManifestDocument = z.infer<typeof manifestDocument>;

export const signedManifest = z.strictObject({
  document: manifestDocument,
  /** Detached JWS (EdDSA) over the canonical JSON of `document`. */
  signature: z.string().max(4000),
  kid: z.string().max(64),
});
export type SignedManifest = z.infer<typeof signedManifest>;

/** The document as what is signed. */
export const manifestJson = (document: ManifestDocument): JsonObject => ({ ...document });
