// Who may call what: one row per route. A route without a row is refused, and a test walks the router for one.
// `platform` = people of the platform only; `own` = they, and a department for itself (another one's is 404);
// `department` = only who belongs to a department.
import type { Scope } from "../members/scopes.ts";

export interface Access {
  callers: "anyone" | "platform" | "own" | "department";
  scope?: Scope;
}

const anyone: Access = { callers: "anyone" };
const platform = (scope: Scope): Access => ({ callers: "platform", scope });
const own = (scope: Scope): Access => ({ callers: "own", scope });
const department = (scope: Scope): Access => ({ callers: "department", scope });

export const authorization: Readonly<Record<string, Access>> = {
  "GET /healthz": anyone,
  "GET /readyz": anyone,
  "GET /.well-known/jwks.json": anyone,
  "GET /schemas/department.json": anyone,
  "GET /openapi.json": anyone,
  "GET /docs": anyone,

  "GET /oauth/consent/:ticket": anyone,
  "POST /oauth/consent/:ticket": anyone,
  "GET /oauth/callback": anyone,

  "POST /api/v1/token": anyone,
  "POST /api/v1/token/revoke": { callers: "own" },
  "GET /api/v1/self-check": department("self:check"),

  "GET /api/v1/members": own("members:read"),
  "POST /api/v1/members": own("members:write"),
  "DELETE /api/v1/members/:id": own("members:write"),
  "GET /api/v1/api-keys": own("keys:read"),
  "POST /api/v1/api-keys": own("keys:write"),
  "DELETE /api/v1/api-keys/:id": own("keys:write"),
  "GET /api/v1/keys": platform("keys:read"),
  "POST /api/v1/keys/rotate": platform("keys:write"),
  "POST /api/v1/keys/rotate-kek": platform("keys:write"),
  "GET /api/v1/key-rotations/:id": platform("keys:read"),
  "POST /api/v1/keys/:id/retire": platform("keys:write"),

  "POST /api/v1/provision-department": platform("runs:write"),
  "GET /api/v1/provision-status/:id": own("departments:read"),
  "GET /api/v1/provision-status/:id/events": own("departments:read"),
  "POST /api/v1/runs/:id/retry": platform("runs:write"),
  "POST /api/v1/runs/:id/cancel": platform("runs:write"),
  "DELETE /api/v1/deprovision/:department_id": platform("runs:write"),

  "GET /api/v1/departments": own("departments:read"),
  "GET /api/v1/departments/:id": own("departments:read"),
  "GET /api/v1/departments/:id/health": own("departments:read"),
  "GET /api/v1/departments/:id/resources": own("departments:read"),
  "GET /api/v1/departments/:id/certificate": platform("departments:read"),
  "GET /api/v1/departments/:id/archive": platform("departments:write"),
  "GET /api/v1/departments/:id/database-access": platform("keys:write"),
  "GET /api/v1/departments/:id/drift": platform("departments:read"),
  "GET /api/v1/departments/:id/config": own("departments:read"),
  "PUT /api/v1/departments/:id/config": platform("departments:write"),
  "GET /api/v1/departments/:id/config/versions": own("departments:read"),
  "GET /api/v1/departments/:id/config/diff": own("departments:read"),
  "POST /api/v1/departments/:id/config/rollback": platform("departments:write"),
  "POST /api/v1/departments/:id/upgrade": platform("runs:write"),
  "POST /api/v1/departments/:id/move": platform("runs:write"),
  "POST /api/v1/departments/:id/lockdown": own("departments:write"),
  "POST /api/v1/departments/:id/unlock": platform("departments:write"),
  "GET /api/v1/releases": platform("departments:read"),
  "POST /api/v1/releases": platform("runs:write"),
  "POST /api/v1/releases/import": platform("runs:write"),
  "GET /api/v1/releases/:id": platform("departments:read"),
  "POST /api/v1/releases/:id/promote": platform("runs:write"),
  "GET /api/v1/rollouts": platform("departments:read"),
  "POST /api/v1/rollouts": platform("runs:write"),
  "GET /api/v1/rollouts/:id": platform("departments:read"),
  "POST /api/v1/rollouts/:id/pause": platform("runs:write"),
  "POST /api/v1/rollouts/:id/resume": platform("runs:write"),
  "POST /api/v1/rollouts/:id/rollback": platform("runs:write"),
  "GET /api/v1/terraform": platform("departments:read"),
  "GET /api/v1/approvals": platform("approvals:write"),
  "POST /api/v1/approvals/:id/approve": platform("approvals:write"),
  "POST /api/v1/approvals/:id/reject": platform("approvals:write"),

  "PUT /api/v1/departments/:id/documents": department("data:write"),
  "PUT /api/v1/departments/:id/contacts": department("data:write"),
  "PUT /api/v1/departments/:id/emails": department("data:write"),
  "PUT /api/v1/departments/:id/events": department("data:write"),
  "PUT /api/v1/departments/:id/sessions": department("data:write"),
  "GET /api/v1/departments/:id/sessions": department("data:read"),
  "GET /api/v1/departments/:id/sessions/:session_id": department("data:read"),
  "PUT /api/v1/departments/:id/messages": department("data:write"),
  "PUT /api/v1/departments/:id/tool-calls": department("data:write"),
  "GET /api/v1/departments/:id/memory": department("data:read"),
  "PUT /api/v1/departments/:id/memory": department("data:write"),
  "GET /api/v1/departments/:id/context": department("data:read"),
  "PUT /api/v1/departments/:id/context": department("data:write"),

  "POST /api/v1/agents/:department_id/session": own("sessions:write"),
  "GET /api/v1/n8n-instances": platform("departments:read"),
  "POST /api/v1/n8n-instances": platform("departments:write"),
  "POST /api/v1/n8n-instances/:id/retire": platform("departments:write"),

  "GET /api/v1/oauth/google/start": own("oauth:write"),
  "POST /api/v1/oauth/google/token": department("oauth:token"),
  "DELETE /api/v1/oauth/google": own("oauth:write"),
  "GET /api/v1/departments/:id/credentials": own("departments:read"),
  "PUT /api/v1/departments/:id/oauth-client": own("oauth:write"),
  "GET /api/v1/oauth-clients": platform("oauth:write"),
  "POST /api/v1/oauth-clients": platform("oauth:write"),
  "POST /api/v1/oauth-clients/:id/retire": platform("oauth:write"),

  "GET /api/v1/audit": own("audit:read"),
  "GET /api/v1/audit/export": own("audit:read"),
  "GET /api/v1/audit/verify": own("audit:read"),
  "GET /api/v1/audit/proof": own("audit:read"),

  "GET /api/v1/limits": platform("departments:read"),
  "PUT /api/v1/limits/:kind": platform("limits:write"),

  "GET /api/v1/webhook-endpoints": own("webhooks:write"),
  "POST /api/v1/webhook-endpoints": own("webhooks:write"),
  "GET /api/v1/webhook-endpoints/:id": own("webhooks:write"),
  "PUT /api/v1/webhook-endpoints/:id": own("webhooks:write"),
  "DELETE /api/v1/webhook-endpoints/:id": own("webhooks:write"),
  "POST /api/v1/webhook-endpoints/:id/rotate-secret": own("webhooks:write"),
  "POST /api/v1/webhook-endpoints/:id/test": own("webhooks:write"),
  "GET /api/v1/webhook-endpoints/:id/deliveries": own("webhooks:write"),
  "POST /api/v1/webhook-deliveries/:id/redeliver": own("webhooks:write"),
  "GET /api/v1/webhook-sources": own("webhooks:write"),
  "POST /api/v1/webhook-sources": own("webhooks:write"),
  "DELETE /api/v1/webhook-sources/:id": own("webhooks:write"),
  "POST /api/v1/webhook-sources/:id/rotate-secret": own("webhooks:write"),
  "POST /api/v1/webhooks/n8n": anyone,

  "POST /api/v1/cross-dept/query": department("query"),
  "GET /api/v1/cross-dept/audit-log/:query_id": own("audit:read"),
  "GET /api/v1/grants": own("grants:read"),
  "POST /api/v1/grants": own("grants:write"),
  "GET /api/v1/grants/:id": own("grants:read"),
  "POST /api/v1/grants/:id/approve": own("grants:write"),
  "POST /api/v1/grants/:id/reject": own("grants:write"),
  "POST /api/v1/grants/:id/revoke": own("grants:write"),
};
