import type { Caller } from "../../context.ts";
import type { Vault } from "../../crypto/vault.ts";
import type { Sql } from "../../db/tx.ts";
import { unauthorized } from "../../errors.ts";
import { departmentScopes, type Role, roleScopes } from "../../members/scopes.ts";
import { isUuid } from "../../uuid.ts";
import { openSecrets, presentSecrets, type SealedSecret } from "../secrets.ts";
import { createWebhookSecret, type SignedMessage, verifyMessage } from "../signature.ts";
import { inboundRights, type InboundType } from "./inbound-event.ts";

/** Stands in for the secret of a source that is not there, so that nobody learns which ones are. */
const nobodysSecret = createWebhookSecret();

/**
 * Whom a signed message speaks for: the source's owner, with what they may do today of what the source was made for.
 * Throws the same 401 whatever is wrong: source, header, time or signature.
 */
export async function authenticateSource(
  { sql, vault }: { sql: Sql; vault: Vault },
  sourceId: string | undefined,
  message: SignedMessage,
): Promise<Caller> {
  const source = await readSource(sql, sourceId);
  const secrets = source ? await openSecrets(vault, source.secrets) : [];
  const isSigned = verifyMessage(message, secrets.length > 0 ? secrets : [nobodysSecret]);
  const caller = source && callerOf(source);
  if (!caller || !isSigned || secrets.length === 0)
    throw unauthorized("invalid_signature", "The webhook is not signed by a source that counts here.");
  return caller;
}

interface Source {
  id: string;
  events: InboundType[];
  department: string | null;
  member: string | null;
  role: Role | null;
  memberDepartment: string | null;
  secrets: SealedSecret[];
}

async function readSource(sql: Sql, id: string | undefined): Promise<Source | undefined> {
  // In its one spelling only: under another one the message's id would be remembered apart.
  if (id === undefined || !isUuid(id)) return undefined;
  const [source] = await sql<Source[]>`
    select o.id, o.events, o.department_id as department, o.member_id as member, m.role,
      m.department_id as "memberDepartment", ${presentSecrets(sql, "source_id", "o")} as secrets
    from federation.webhook_source o
    left join federation.member m on m.id = o.member_id and m.disabled_at is null
    where o.id = ${id} and o.status = 'active'`;
  return source;
}

function callerOf({ id, events, department, member, role, memberDepartment }: Source): Caller | undefined {
  const wanted: string[] = events.map((event) => inboundRights[event].scope);
  const within = (most: readonly string[]) => new Set(wanted.filter((scope) => most.includes(scope)));
  if (department !== null)
    return {
      kind: "client",
      id,
      role: undefined,
      departmentId: department,
      scopes: within(departmentScopes),
    };
  if (member === null || role === null) return undefined;
  return {
    kind: "member",
    id: member,
    role,
    departmentId: memberDepartment ?? undefined,
    scopes: within(roleScopes[role]),
  };
}
