import type { Config } from "../config.ts";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import { insertKey } from "../api-keys/insert-key.ts";
import type { Secret } from "../crypto/secret.ts";
import { type Sql, withTx } from "../db/tx.ts";
import { roleScopes } from "./scopes.ts";

export interface FirstAdmin {
  memberId: string;
  email: string;
  /** Shown once; only its hash is kept. */
  key: Secret<string>;
}

const daysValid = 90;
/** Any constant: it makes two first starts at the same time take turns. */
const turnLock = 7_309_452_118;

/**
 * Makes the first admin and a key for them, if there is no admin yet; undefined when there is one. Safe to call at
 * every start and from many processes at once.
 */
export async function createFirstAdmin(
  sql: Sql,
  options: { environment: Config["environment"]; email: string; requestId?: string },
): Promise<FirstAdmin | undefined> {
  const email = options.email.toLowerCase();
  return withTx(sql, async (tx) => {
    await tx`select pg_advisory_xact_lock(${turnLock}::bigint)`;
    const [existing] =
      await tx`select from federation.member where role = 'admin' and disabled_at is null limit 1`;
    if (existing) return undefined;
    const memberId = Bun.randomUUIDv7();
    await tx`insert into federation.member (id, email, role) values (${memberId}, ${email}, 'admin')`;
    const owner = { memberId, departmentId: undefined };
    const request = { name: "first admin", scopes: [...roleScopes.admin], expiresInDays: daysValid };
    const minted = await insertKey(tx, options.environment, owner, request);
    const event = {
      stream: PLATFORM_STREAM,
      actor: "first-start",
      actorKind: "system" as const,
      decision: "done" as const,
    };
    const requestId = options.requestId ?? Bun.randomUUIDv7();
    await appendAudit(tx, [
      { ...event, requestId, action: "member.create", target: memberId, meta: { role: "admin" } },
      {
        ...event,
        requestId,
        action: "key.create",
        target: minted.view.id,
        meta: { key: minted.view.key_id },
      },
    ]);
    return { memberId, email, key: minted.text };
  });
}
