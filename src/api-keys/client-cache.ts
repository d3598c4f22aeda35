import type { Sql } from "../db/tx.ts";
import type { Role } from "../members/scopes.ts";

/** An API key as authentication sees it: the key, whose it is, and whether it still counts. */
export interface ApiClient {
  id: string;
  keyId: string;
  secretHash: Uint8Array;
  status: "pending" | "active" | "revoked";
  scopes: readonly string[];
  memberId: string | null;
  role: Role | null;
  memberDisabled: boolean;
  /** The client's department, or the one a department admin belongs to. */
  departmentId: string | null;
  expiresAt: Date;
  lastUsedAt: Date | null;
}

export interface ClientCache {
  /** The key with this id as it was at most one second ago. */
  find(keyId: string): Promise<ApiClient | undefined>;
}

const keptMs = 900;
const entriesMax = 10_000;

/** Remembers keys for under a second, so that a revocation counts within one everywhere and a busy key costs one query. */
export function createClientCache(
  sql: Sql,
  now: () => number = performance.now.bind(performance),
): ClientCache {
  const entries = new Map<string, { at: number; client: Promise<ApiClient | undefined> }>();
  return {
    async find(keyId) {
      const cached = entries.get(keyId);
      if (cached && now() - cached.at < keptMs) return cached.client;
      if (entries.size >= entriesMax) entries.clear();
      const client = readClient(sql, keyId);
      const entry = { at: now(), client };
      entries.set(keyId, entry);
      const forget = () => entries.get(keyId) === entry && entries.delete(keyId);
      // A pending key is only asked about by an agent that starts: the moment it counts, it counts.
      client.then((found) => found?.status === "pending" && forget(), forget);
      return client;
    },
  };
}

async function readClient(sql: Sql, keyId: string): Promise<ApiClient | undefined> {
  const [client] = await sql<ApiClient[]>`
    select c.id, c.key_id as "keyId", c.secret_hash as "secretHash", c.status, c.scopes, c.member_id as "memberId",
      m.role, m.disabled_at is not null as "memberDisabled", coalesce(c.department_id, m.department_id) as "departmentId",
      c.expires_at as "expiresAt", c.last_used_at as "lastUsedAt"
    from federation.api_client c left join federation.member m on m.id = c.member_id
    where c.key_id = ${keyId}`;
  return client;
}
