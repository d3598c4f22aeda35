import { z } from "zod";
import { imageReference } from "../config/environment.ts";
import type { Sql, Tx } from "../db/tx.ts";
import { notFound } from "../errors.ts";
import { isUuid } from "../uuid.ts";
import { signedManifest } from "./manifest.ts";

const releaseName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, "must be lower case letters, digits, dots, dashes and underscores");

export const releaseInput = z.strictObject({
  name: releaseName,
  /** Image of the agent; without it the departments' hosts keep what they run. */
  agent_image: imageReference.optional(),
});
export type ReleaseInput = z.infer<typeof releaseInput>;

const instant = z.string().meta({ format: "date-time" });

export const releaseView = z.object({
  id: z.uuid(),
  name: z.string(),
  agent_image: z.string().nullable(),
  /** Version of each workflow's template. */
  templates: z.record(z.string(), z.int()),
  schema_version: z.int(),
  source_environment: z.enum(["development", "staging", "production"]),
  created_by: z.string(),
  created_at: instant,
  /** As it was signed when it was promoted. */
  manifest: signedManifest.nullable(),
});
export type ReleaseView = z.infer<typeof releaseView>;

export const releaseColumns = (sql: Sql | Tx) => sql`
  r.id, r.name, r.agent_image, r.templates, r.schema_version, r.source_environment, r.created_by,
  to_json(r.created_at)#>>'{}' as created_at,
  case when r.manifest is not null then
    jsonb_build_object('document', r.manifest, 'signature', r.signature, 'kid', r.kid) end as manifest`;

/** A release by id or name. Throws 404. */
export async function selectRelease(sql: Sql | Tx, idOrName: string): Promise<ReleaseView> {
  const [view] = await sql<ReleaseView[]>`
    select ${releaseColumns(sql)} from federation.release r
    where ${isUuid(idOrName) ? sql`r.id = ${idOrName}` : sql`r.name = ${idOrName}`}`;
  if (!view) throw notFound();
  return view;
}
