import { z } from "zod";
import type { Ctx } from "../context.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { missingScopes } from "./scopes.ts";

const instant = z.string().meta({ format: "date-time" }).nullable();

/** A department's credential as it is shown: states and scopes, no token. */
export const credentialView = z.object({
  service: z.literal("google"),
  status: z.enum(["pending_consent", "active", "refreshing", "needs_consent"]),
  scopes_wanted: z.array(z.string()),
  scopes_granted: z.array(z.string()),
  missing_scopes: z.array(z.string()),
  client_id: z.string().nullable(),
  access_expires_at: instant,
  consented_at: instant,
  failure_code: z.string().nullable(),
});
export type CredentialView = z.infer<typeof credentialView>;

/** The department's credentials that are not revoked. Throws 404 for another department. */
export async function showCredentials(ctx: Ctx, idOrSlug: string): Promise<CredentialView[]> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const rows = await ctx.db.app<Omit<CredentialView, "missing_scopes">[]>`
    select c.service, c.status, c.scopes_wanted, c.scopes_granted, k.client_id, c.failure_code,
      to_json(c.access_expires_at)#>>'{}' as access_expires_at, to_json(c.consented_at)#>>'{}' as consented_at
    from federation.credential c left join federation.oauth_client k on k.id = c.oauth_client_id
    where c.department_id = ${department.id} and c.status <> 'revoked'`;
  return rows.map((row) => ({
    ...row,
    missing_scopes: row.consented_at === null ? [] : missingScopes(row.scopes_wanted, row.scopes_granted),
  }));
}
