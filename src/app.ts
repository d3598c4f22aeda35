/**
 * Every route of the control plane, in order. Each is three files deep: parse (src/http/routes), one verb (src/<noun>),
 * render. Who may call what is in src/http/authorization.ts; a route without a row there is refused. The console
 * (src/console) has its own list, its own order and its own matrix, and is asked first. The middleware
 * order must stay: nothing reads a body before the caller is known (but a webhook's signature, which is over the body),
 * nothing runs before the body is known to be sane.
 */
import { Hono } from "hono";
import { createClientCache } from "./api-keys/client-cache.ts";
import { createConsole } from "./console/console.ts";
import { isConsolePath } from "./console/authorization.ts";
import { createInFlight } from "./gateway/limit-in-flight.ts";
import type { AppDeps, Env } from "./http/env.ts";
import { accessLog } from "./http/middleware/access-log.ts";
import { authenticateWebhook } from "./http/middleware/authenticate-webhook.ts";
import { authorize } from "./http/middleware/authorize.ts";
import { checkBody, limitBody } from "./http/middleware/body.ts";
import { measure } from "./http/middleware/measure.ts";
import { answerNotFound, answerProblem } from "./http/middleware/problem.ts";
import { requestId } from "./http/middleware/request-id.ts";
import { securityHeaders } from "./http/middleware/security-headers.ts";
import { traceRequest } from "./http/middleware/trace-request.ts";
import { type OpenApiDocument, openApiDocument } from "./http/openapi.ts";
import * as agents from "./http/routes/agents.ts";
import * as alerts from "./http/routes/alerts.ts";
import * as apiKeys from "./http/routes/api-keys.ts";
import * as approvals from "./http/routes/approvals.ts";
import * as audit from "./http/routes/audit.ts";
import * as config from "./http/routes/config.ts";
import * as consent from "./http/routes/consent.ts";
import * as cost from "./http/routes/cost.ts";
import * as data from "./http/routes/data.ts";
import * as departments from "./http/routes/departments.ts";
import * as drift from "./http/routes/drift.ts";
import * as gateway from "./http/routes/gateway.ts";
import * as grants from "./http/routes/grants.ts";
import * as health from "./http/routes/health.ts";
import * as keys from "./http/routes/keys.ts";
import * as limits from "./http/routes/limits.ts";
import * as members from "./http/routes/members.ts";
import * as metrics from "./http/routes/metrics.ts";
import * as n8nInstances from "./http/routes/n8n-instances.ts";
import * as oauth from "./http/routes/oauth.ts";
import * as oauthToken from "./http/routes/oauth-token.ts";
import * as provisioning from "./http/routes/provisioning.ts";
import * as queues from "./http/routes/queues.ts";
import * as retention from "./http/routes/retention.ts";
import * as releases from "./http/routes/releases.ts";
import * as rollouts from "./http/routes/rollouts.ts";
import * as safety from "./http/routes/safety.ts";
import * as sessions from "./http/routes/sessions.ts";
import * as system from "./http/routes/system.ts";
import * as terraform from "./http/routes/terraform.ts";
import * as token from "./http/routes/token.ts";
import * as webhooks from "./http/routes/webhooks.ts";
import { createFailedLogins } from "./limits/failed-logins.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { createRevokedTokens } from "./tokens/revoked-tokens.ts";
import { createSigningKeys } from "./tokens/signing-keys.ts";

export type App = ReturnType<typeof createApp>;

/** The web edge over what the process has opened; does nothing until it is asked. */
export function createApp(opened: AppDeps) {
  const signingKeys = createSigningKeys({ sql: opened.db.app, vault: opened.vault });
  const deps = {
    ...opened,
    signingKeys,
    revokedTokens: createRevokedTokens(opened.db.app),
    clients: createClientCache(opened.db.app),
    failedLogins: createFailedLogins(opened.db.app),
    inFlight: createInFlight(),
    metrics: createMetrics(opened),
  };

  const base = new Hono<Env>();
  base.onError(answerProblem);
  base.notFound(answerNotFound);
  const pages = createConsole(deps);
  base.use(measure(deps.metrics));
  base.use(async (c, next) => (isConsolePath(c.req.path) ? pages.fetch(c.req.raw, c.env) : next()));
  base.use(async (c, next) => (c.set("deps", deps), next()));
  base.use(
    requestId(),
    traceRequest(),
    accessLog(),
    securityHeaders(opened.config.publicUrl.startsWith("https://")),
  );
  base.use(authorize(), limitBody(), authenticateWebhook(), checkBody());

  let described: OpenApiDocument | undefined;
  const document = () => (described ??= openApiDocument(base, opened.config.publicUrl));

  return base
    .get("/healthz", ...system.getHealthz)
    .get("/readyz", ...system.getReadyz)
    .get("/.well-known/jwks.json", ...system.getJwks)
    .get("/schemas/department.json", ...system.getDepartmentSchema)
    .get("/openapi.json", ...system.getOpenApi(document))
    .get("/docs", ...system.getReference(document))
    .get("/docs/:tag", ...system.getReferenceOfTag(document))
    .get("/metrics", ...metrics.getMetrics)

    .get("/oauth/consent/:ticket", ...consent.getConsent)
    .post("/oauth/consent/:ticket", ...consent.postConsent)
    .get("/oauth/callback", ...consent.getCallback)

    .post("/api/v1/token", ...token.postToken)
    .post("/api/v1/token/revoke", ...token.postRevoke)
    .get("/api/v1/self-check", ...system.getSelfCheck)

    .get("/api/v1/members", ...members.getMembers)
    .post("/api/v1/members", ...members.postMember)
    .delete("/api/v1/members/:id", ...members.deleteMember)
    .get("/api/v1/api-keys", ...apiKeys.getApiKeys)
    .post("/api/v1/api-keys", ...apiKeys.postApiKey)
    .delete("/api/v1/api-keys/:id", ...apiKeys.deleteApiKey)
    .get("/api/v1/keys", ...keys.getKeys)
    .post("/api/v1/keys/rotate", ...keys.postRotate)
    .post("/api/v1/keys/rotate-kek", ...keys.postRotateKek)
    .get("/api/v1/key-rotations/:id", ...keys.getRotation)
    .post("/api/v1/keys/:id/retire", ...keys.postRetire)

    .post("/api/v1/provision-department", ...provisioning.postProvision)
    .get("/api/v1/provision-status/:id", ...provisioning.getProvisionStatus)
    .get("/api/v1/provision-status/:id/events", ...provisioning.getProvisionEvents)
    .post("/api/v1/runs/:id/retry", ...provisioning.postRetry)
    .post("/api/v1/runs/:id/cancel", ...provisioning.postCancel)
    .delete("/api/v1/deprovision/:department_id", ...provisioning.deleteDepartment)

    .get("/api/v1/departments", ...departments.getDepartments)
    .get("/api/v1/departments/:id", ...departments.getDepartment)
    .get("/api/v1/departments/:id/health", ...departments.getHealth)
    .get("/api/v1/departments/:id/health/history", ...health.getHealthHistory)
    .post("/api/v1/departments/:id/check", ...health.postCheck)
    .get("/api/v1/health", ...health.getHealthList)
    .get("/api/v1/departments/:id/resources", ...departments.getResources)
    .get("/api/v1/departments/:id/certificate", ...departments.getCertificate)
    .get("/api/v1/departments/:id/archive", ...departments.getArchive)
    .get("/api/v1/departments/:id/database-access", ...departments.getDatabaseAccess)
    .get("/api/v1/departments/:id/cost", ...cost.getDepartmentCost)
    .get("/api/v1/departments/:id/retention", ...retention.getRetention)
    .post("/api/v1/departments/:id/retention", ...retention.postRetention)
    .get("/api/v1/departments/:id/drift", ...drift.getDrift)
    .post("/api/v1/departments/:id/drift", ...drift.postDrift)
    .get("/api/v1/drift", ...drift.getDriftList)
    .get("/api/v1/departments/:id/config", ...config.getConfig)
    .put("/api/v1/departments/:id/config", ...config.putConfigRoute)
    .get("/api/v1/departments/:id/config/versions", ...config.getConfigVersions)
    .get("/api/v1/departments/:id/config/diff", ...config.getConfigDiff)
    .post("/api/v1/departments/:id/config/rollback", ...config.postConfigRollback)
    .post("/api/v1/departments/:id/upgrade", ...provisioning.postUpgrade)
    .post("/api/v1/departments/:id/move", ...provisioning.postMove)
    .post("/api/v1/departments/:id/lockdown", ...safety.postLockdown)
    .post("/api/v1/departments/:id/unlock", ...safety.postUnlock)
    .get("/api/v1/releases", ...releases.getReleases)
    .post("/api/v1/releases", ...releases.postRelease)
    .post("/api/v1/releases/import", ...releases.postImport)
    .get("/api/v1/releases/:id", ...releases.getRelease)
    .post("/api/v1/releases/:id/promote", ...releases.postPromote)
    .get("/api/v1/rollouts", ...rollouts.getRollouts)
    .post("/api/v1/rollouts", ...rollouts.postRollout)
    .get("/api/v1/rollouts/:id", ...rollouts.getRollout)
    .post("/api/v1/rollouts/:id/pause", ...rollouts.postPause)
    .post("/api/v1/rollouts/:id/resume", ...rollouts.postResume)
    .post("/api/v1/rollouts/:id/rollback", ...rollouts.postRollback)
    .get("/api/v1/terraform", ...terraform.getTerraform)
    .get("/api/v1/approvals", ...approvals.getApprovals)
    .post("/api/v1/approvals/:id/approve", ...approvals.postApprove)
    .post("/api/v1/approvals/:id/reject", ...approvals.postReject)

    .put("/api/v1/departments/:id/documents", ...data.putDocuments)
    .put("/api/v1/departments/:id/contacts", ...data.putContacts)
    .put("/api/v1/departments/:id/emails", ...data.putEmails)
    .put("/api/v1/departments/:id/events", ...data.putEvents)
    .put("/api/v1/departments/:id/sessions", ...sessions.putSessions)
    .get("/api/v1/departments/:id/sessions", ...sessions.getSessions)
    .get("/api/v1/departments/:id/sessions/:session_id", ...sessions.getSession)
    .put("/api/v1/departments/:id/messages", ...sessions.putMessages)
    .put("/api/v1/departments/:id/tool-calls", ...sessions.putToolCalls)
    .get("/api/v1/departments/:id/memory", ...data.getMemory)
    .put("/api/v1/departments/:id/memory", ...data.putMemoryRoute)
    .get("/api/v1/departments/:id/context", ...data.getContext)
    .put("/api/v1/departments/:id/context", ...data.putContextRoute)

    .post("/api/v1/agents/:department_id/session", ...agents.postSession)
    .get("/api/v1/n8n-instances", ...n8nInstances.getInstances)
    .post("/api/v1/n8n-instances", ...n8nInstances.postInstance)
    .post("/api/v1/n8n-instances/:id/retire", ...n8nInstances.postRetireInstance)

    .get("/api/v1/oauth/google/start", ...oauth.getStart)
    .post("/api/v1/oauth/google/token", ...oauthToken.postOAuthToken)
    .delete("/api/v1/oauth/google", ...oauth.deleteGoogle)
    .get("/api/v1/departments/:id/credentials", ...oauth.getCredentials)
    .put("/api/v1/departments/:id/oauth-client", ...oauth.putOwnClient)
    .get("/api/v1/oauth-clients", ...oauth.getClients)
    .post("/api/v1/oauth-clients", ...oauth.postClient)
    .post("/api/v1/oauth-clients/:id/retire", ...oauth.postRetireClient)

    .get("/api/v1/audit", ...audit.getAudit)
    .get("/api/v1/audit/export", ...audit.getAuditExport)
    .get("/api/v1/audit/verify", ...audit.getAuditVerify)
    .get("/api/v1/audit/proof", ...audit.getAuditProof)

    .get("/api/v1/alerts", ...alerts.getAlerts)
    .get("/api/v1/limits", ...limits.getLimits)
    .put("/api/v1/limits/:kind", ...limits.putLimit)
    .get("/api/v1/cost", ...cost.getCost)
    .get("/api/v1/call-budgets", ...queues.getCallBudgets)
    .get("/api/v1/queues", ...queues.getQueues)
    .get("/api/v1/queues/:name/failed", ...queues.getFailedJobs)
    .post("/api/v1/queues/:name/jobs/:id/retry", ...queues.postRetryJob)

    .get("/api/v1/webhook-endpoints", ...webhooks.getEndpoints)
    .post("/api/v1/webhook-endpoints", ...webhooks.postEndpoint)
    .get("/api/v1/webhook-endpoints/:id", ...webhooks.getEndpoint)
    .put("/api/v1/webhook-endpoints/:id", ...webhooks.putEndpoint)
    .delete("/api/v1/webhook-endpoints/:id", ...webhooks.deleteEndpoint)
    .post("/api/v1/webhook-endpoints/:id/rotate-secret", ...webhooks.postRotateEndpoint)
    .post("/api/v1/webhook-endpoints/:id/test", ...webhooks.postTest)
    .get("/api/v1/webhook-endpoints/:id/deliveries", ...webhooks.getDeliveries)
    .post("/api/v1/webhook-deliveries/:id/redeliver", ...webhooks.postRedeliver)
    .get("/api/v1/webhook-sources", ...webhooks.getSources)
    .post("/api/v1/webhook-sources", ...webhooks.postSource)
    .delete("/api/v1/webhook-sources/:id", ...webhooks.deleteSource)
    .post("/api/v1/webhook-sources/:id/rotate-secret", ...webhooks.postRotateSource)
    .post("/api/v1/webhooks/n8n", ...webhooks.postInbound)

    .post("/api/v1/cross-dept/query", ...gateway.postQuery)
    .get("/api/v1/cross-dept/audit-log/:query_id", ...grants.getDecisionLog)
    .get("/api/v1/grants", ...grants.getGrants)
    .post("/api/v1/grants", ...grants.postGrant)
    .get("/api/v1/grants/:id", ...grants.getGrant)
    .post("/api/v1/grants/:id/approve", ...grants.postApprove)
    .post("/api/v1/grants/:id/reject", ...grants.postReject)
    .post("/api/v1/grants/:id/revoke", ...grants.postRevoke);
}
