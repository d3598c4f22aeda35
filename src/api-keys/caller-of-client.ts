import type { Caller } from "../context.ts";
import { departmentScopes, roleScopes } from "../members/scopes.ts";
import type { ApiClient } from "./client-cache.ts";

/**
 * Who a key speaks for and what it may do now: its scopes, cut to what its owner may still do. Undefined when it no
 * longer counts. A pending key, of a department that is not live, may only check itself.
 */
export function callerOfClient(client: ApiClient): Caller | undefined {
  if (client.status === "revoked" || client.memberDisabled || client.expiresAt.getTime() <= Date.now())
    return undefined;
  const most: readonly string[] = client.role === null ? departmentScopes : roleScopes[client.role];
  const scopes = client.status === "pending" ? ["self:check"] : client.scopes;
  return {
    kind: client.memberId === null ? "client" : "member",
    id: client.memberId ?? client.id,
    clientId: client.id,
    role: client.role ?? undefined,
    departmentId: client.departmentId ?? undefined,
    scopes: new Set(scopes.filter((scope) => most.includes(scope))),
  };
}
