import type { Command } from "./command.ts";
import { apiKeys } from "./commands/api-keys.ts";
import { alerts } from "./commands/alerts.ts";
import { approvals } from "./commands/approvals.ts";
import { archive } from "./commands/archive.ts";
import { ask } from "./commands/ask.ts";
import { audit } from "./commands/audit.ts";
import { budgets } from "./commands/budgets.ts";
import { cancel } from "./commands/cancel.ts";
import { certificate } from "./commands/certificate.ts";
import { config } from "./commands/config.ts";
import { cost } from "./commands/cost.ts";
import { credentials } from "./commands/credentials.ts";
import { db } from "./commands/db.ts";
import { deprovision } from "./commands/deprovision.ts";
import { doctor } from "./commands/doctor.ts";
import { drift } from "./commands/drift.ts";
import { grants } from "./commands/grants.ts";
import { health } from "./commands/health.ts";
import { init } from "./commands/init.ts";
import { jobs } from "./commands/jobs.ts";
import { keys } from "./commands/keys.ts";
import { limits } from "./commands/limits.ts";
import { list } from "./commands/list.ts";
import { lockdown } from "./commands/lockdown.ts";
import { members } from "./commands/members.ts";
import { metrics } from "./commands/metrics.ts";
import { migrate } from "./commands/migrate.ts";
import { move } from "./commands/move.ts";
import { n8n } from "./commands/n8n.ts";
import { oauthClients } from "./commands/oauth-clients.ts";
import { plan } from "./commands/plan.ts";
import { promote } from "./commands/promote.ts";
import { provision } from "./commands/provision.ts";
import { retention } from "./commands/retention.ts";
import { release } from "./commands/release.ts";
import { retry } from "./commands/retry.ts";
import { rollout } from "./commands/rollout.ts";
import { sessions } from "./commands/sessions.ts";
import { show } from "./commands/show.ts";
import { status } from "./commands/status.ts";
import { terraform } from "./commands/terraform.ts";
import { token } from "./commands/token.ts";
import { unlock } from "./commands/unlock.ts";
import { up } from "./commands/up.ts";
import { upgrade } from "./commands/upgrade.ts";
import { webhookSources } from "./commands/webhook-sources.ts";
import { webhooks } from "./commands/webhooks.ts";

/** Every command of `fed`, in the order of `fed help`. */
export const commands: readonly Command[] = [
  up,
  init,
  migrate,
  plan,
  provision,
  status,
  list,
  show,
  retry,
  cancel,
  upgrade,
  move,
  release,
  promote,
  rollout,
  deprovision,
  certificate,
  archive,
  lockdown,
  unlock,
  alerts,
  approvals,
  config,
  health,
  drift,
  terraform,
  grants,
  ask,
  sessions,
  oauthClients,
  credentials,
  n8n,
  webhooks,
  webhookSources,
  limits,
  budgets,
  jobs,
  metrics,
  cost,
  retention,
  members,
  apiKeys,
  keys,
  audit,
  db,
  token,
  doctor,
];
