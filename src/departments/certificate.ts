import type { Ctx } from "../context.ts";
import { notFound } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { resolveDepartment } from "./resolve.ts";

export interface Certificate {
  document: JsonObject;
  /** Detached JWS (EdDSA) over the canonical JSON of `document`; the key is in the JWKS under `kid`. */
  signature: string;
  kid: string;
}

/** The signed proof that a department is gone. Throws 404 until the deprovision has ended. */
export async function showCertificate(ctx: Ctx, idOrSlug: string): Promise<Certificate> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const [row] = await ctx.db.app<Certificate[]>`
    select document, signature, kid from federation.certificate where department_id = ${department.id}`;
  if (!row) throw notFound();
  return { document: row.document, signature: row.signature, kid: row.kid };
}
