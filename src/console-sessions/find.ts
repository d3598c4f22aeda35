import { callerOfClient } from "../api-keys/caller-of-client.ts";
import type { ApiClient } from "../api-keys/client-cache.ts";
import type { Caller, Ctx } from "../context.ts";
import type { Role } from "../members/scopes.ts";
import { roleScopes } from "../members/scopes.ts";
import { sessionTokenHash } from "./session-token.ts";

export interface ConsoleSession {
  caller: Caller;
  email: string;
}

interface Row extends Omit<ApiClient, "id" | "status" | "scopes" | "role"> {
  id: string | null;
  status: ApiClient["status"] | null;
  scopes: readonly string[] | null;
  role: Role;
  memberId: string;
  email: string;
}

/**
 * Who has this token, as they are now: a session ends with its key, its member, after 12 hours, and after one without
 * use. `touch` counts as use.
 */
export async function findConsoleSession(
  { db }: Pick<Ctx, "db">,
  token: string,
  { touch }: { touch: boolean },
): Promise<ConsoleSession | undefined> {
  const hash = sessionTokenHash(token);
  const [row] = await db.app<(Row & { isStale: boolean })[]>`
    select c.id, c.key_id as "keyId", c.secret_hash as "secretHash", c.status, c.scopes, m.id as "memberId", m.role,
      m.disabled_at is not null as "memberDisabled", m.department_id as "departmentId", m.email,
      coalesce(c.expires_at, s.expires_at) as "expiresAt", c.last_used_at as "lastUsedAt",
      s.last_used_at < clock_timestamp() - interval '1 minute' as "isStale"
    from federation.console_session s join federation.member m on m.id = s.member_id
      left join federation.api_client c on c.id = s.client_id
    where s.token_hash = ${hash} and s.expires_at > clock_timestamp()
      and s.last_used_at > clock_timestamp() - interval '1 hour'`;
  const caller = row && callerOf(row);
  if (!caller) return undefined;
  if (touch && row.isStale) {
    await db.app`update federation.console_session set last_used_at = clock_timestamp()
      where token_hash = ${hash} and last_used_at > clock_timestamp() - interval '1 hour'`;
  }
  return { caller, email: row.email };
}

function callerOf({ id, status, scopes, ...row }: Row): Caller | undefined {
  const given = id === null || status === null ? undefined : { ...row, id, status, scopes: scopes ?? [] };
  const client = given ?? { ...row, id: "", status: "active" as const, scopes: roleScopes[row.role] };
  const caller = callerOfClient(client);
  return caller && { ...caller, clientId: given?.id };
}
