/** Every scope there is; what each one opens is in src/http/authorization.ts. */
export const scopes = [
  "departments:read",
  "departments:write",
  "runs:write",
  "data:read",
  "data:write",
  "sessions:write",
  "query",
  "members:read",
  "members:write",
  "keys:read",
  "keys:write",
  "grants:read",
  "grants:write",
  "limits:write",
  "approvals:write",
  "webhooks:write",
  "audit:read",
  "metrics:read",
  "oauth:token",
  "oauth:write",
  "self:check",
] as const;
export type Scope = (typeof scopes)[number];

export const roles = ["admin", "operator", "department_admin", "auditor"] as const;
export type Role = (typeof roles)[number];

/** What a person of this role may do at most; a key of theirs holds some or all of it. */
export const roleScopes: Record<Role, readonly Scope[]> = {
  admin: scopes,
  operator: scopes.filter((scope) => scope !== "audit:read"),
  department_admin: [
    "departments:read",
    // For the lockdown of their own; everything else with this scope is the platform's.
    "departments:write",
    "data:read",
    "data:write",
    "sessions:write",
    "query",
    "members:read",
    "members:write",
    "keys:read",
    "keys:write",
    "grants:read",
    "grants:write",
    "webhooks:write",
    "audit:read",
    "oauth:write",
    "self:check",
  ],
  auditor: ["departments:read", "audit:read", "metrics:read"],
};

/** What a department's own machines (agent, n8n) may do at most. */
export const departmentScopes: readonly Scope[] = [
  "departments:read",
  "data:read",
  "data:write",
  "sessions:write",
  "query",
  "grants:read",
  "oauth:token",
  "self:check",
];

/** What the agent's key is made with. */
export const agentScopes: readonly Scope[] = [
  "departments:read",
  "data:read",
  "data:write",
  "query",
  "oauth:token",
  "self:check",
];

/** What the key of the department's n8n workflows is made with. */
export const workflowScopes: readonly Scope[] = [
  "departments:read",
  "data:read",
  "data:write",
  "query",
  "oauth:token",
];

/** Which roles a member of a role may add; a department admin only to the own department. */
export const mayAdd: Record<Role, readonly Role[]> = {
  admin: roles,
  operator: ["department_admin"],
  department_admin: ["department_admin"],
  auditor: [],
};
