// The console's pages around the departments, in the order of its navigation, and what can be done on them.
import type { ConsoleAction, ConsolePage, PageAccess } from "../parts/page.ts";
import { apiKeyActions, apiKeysPage } from "./api-keys.tsx";
import { approvalActions, approvalsPage } from "./approvals.tsx";
import { auditActions, auditExport, auditPage } from "./audit.tsx";
import { budgetsPage } from "./budgets.tsx";
import { costPage } from "./cost.tsx";
import { grantActions, grantsPage } from "./grants.tsx";
import { failedJobsPage, jobActions, jobsPage } from "./jobs.tsx";
import { keyActions, keysPage } from "./keys.tsx";
import { limitActions, limitsPage } from "./limits.tsx";
import { memberActions, membersPage } from "./members.tsx";
import { n8nPage } from "./n8n.tsx";
import { oauthClientsPage } from "./oauth-clients.tsx";
import { questionPage } from "./question.tsx";
import { webhookActions } from "./webhook-actions.tsx";
import { webhookEndpointPage } from "./webhook-endpoint.tsx";
import { webhooksPage } from "./webhooks.tsx";

export const pages: readonly ConsolePage[] = [
  grantsPage,
  approvalsPage,
  auditPage,
  auditExport,
  questionPage,
  keysPage,
  apiKeysPage,
  membersPage,
  limitsPage,
  webhooksPage,
  webhookEndpointPage,
  n8nPage,
  oauthClientsPage,
  budgetsPage,
  jobsPage,
  failedJobsPage,
  costPage,
];

export const actions: readonly ConsoleAction[] = [
  ...grantActions,
  ...approvalActions,
  ...auditActions,
  ...keyActions,
  ...apiKeyActions,
  ...memberActions,
  ...limitActions,
  ...webhookActions,
  ...jobActions,
];

/** Who may open what, a row per route, as in src/http/authorization.ts. */
export const pagesAuthorization: Readonly<Record<string, PageAccess>> = Object.fromEntries([
  ...pages.map(({ path, access }) => [`GET ${path}`, access] as const),
  ...actions.map(({ path, access }) => [`POST ${path}`, access] as const),
]);
