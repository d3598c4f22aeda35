// Every page of the console, in the order of its navigation, and everything that can be done on them. Each says itself
// who may open it; the navigation names those of its pages that have a word in layout.tsx.
import type { ConsoleAction, ConsolePage } from "../parts/page.ts";
import { alertsPage } from "./alerts.tsx";
import { apiKeyActions, apiKeysPage } from "./api-keys.tsx";
import { approvalActions, approvalsPage } from "./approvals.tsx";
import { auditActions, auditExport, auditPage } from "./audit.tsx";
import { budgetsPage } from "./budgets.tsx";
import { costPage } from "./cost.tsx";
import { departmentActions } from "./department-actions.ts";
import { configActions, configPage } from "./department-config.tsx";
import { departmentDriftPage, driftActions } from "./department-drift.tsx";
import { queriesPage } from "./department-queries.tsx";
import { departmentPage } from "./department.tsx";
import { driftPage } from "./drift.tsx";
import { fleetPage } from "./fleet.tsx";
import { grantActions, grantsPage } from "./grants.tsx";
import { failedJobsPage, jobActions, jobsPage } from "./jobs.tsx";
import { keyRotationsPage } from "./key-rotations.tsx";
import { keyActions, keysPage } from "./keys.tsx";
import { limitActions, limitsPage } from "./limits.tsx";
import { memberActions, membersPage } from "./members.tsx";
import { n8nPage } from "./n8n.tsx";
import { newDepartmentActions, newDepartmentPage } from "./new-department.tsx";
import { oauthClientsPage } from "./oauth-clients.tsx";
import { questionPage } from "./question.tsx";
import { promoteActions, releasePage } from "./release.tsx";
import { releaseActions, releasesPage } from "./releases.tsx";
import { rolloutActions, rolloutPage } from "./rollout.tsx";
import { rolloutsPage } from "./rollouts.tsx";
import { runActions, runPage } from "./run.tsx";
import { runsPage } from "./runs.tsx";
import { startActions } from "./start-rollout.tsx";
import { webhookActions } from "./webhook-actions.tsx";
import { webhookEndpointPage } from "./webhook-endpoint.tsx";
import { webhooksPage } from "./webhooks.tsx";

export const pages: readonly ConsolePage[] = [
  fleetPage,
  departmentPage,
  configPage,
  queriesPage,
  departmentDriftPage,
  runsPage,
  runPage,
  newDepartmentPage,
  alertsPage,
  driftPage,
  releasesPage,
  releasePage,
  rolloutsPage,
  rolloutPage,
  grantsPage,
  approvalsPage,
  auditPage,
  auditExport,
  questionPage,
  keysPage,
  keyRotationsPage,
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
  ...departmentActions,
  ...configActions,
  ...driftActions,
  ...runActions,
  ...newDepartmentActions,
  ...releaseActions,
  ...promoteActions,
  ...startActions,
  ...rolloutActions,
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
