import type { Ctx } from "../../context.ts";
import { consentInvalid, hashToken, tokenShape } from "./consent.ts";

/** What a link is about, without using it: people and programs look at links. Throws 400 `consent_invalid`. */
export async function peekConsent(
  ctx: Ctx,
  ticket: string,
): Promise<{ department: string; scopes: string[] }> {
  if (!tokenShape.test(ticket)) throw consentInvalid();
  const [row] = await ctx.db.app<{ department: string; scopes: string[] }[]>`
    select d.name as department, c.scopes_wanted as scopes
    from federation.oauth_consent o
      join federation.department d on d.id = o.department_id and d.status in ('provisioning', 'active', 'degraded')
      join federation.credential c on c.department_id = d.id and c.service = 'google' and c.status <> 'revoked'
    where o.ticket_hash = ${hashToken(ticket)} and o.opened_at is null and o.expires_at > clock_timestamp()`;
  if (!row) throw consentInvalid();
  return row;
}
