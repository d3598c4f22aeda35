/** Every queue and schedule with the job that serves it. */
import type { ClosableWorkerDeps } from "../src/deps.ts";
import { createEngine, type Engine } from "../src/provisioning/engine.ts";
import { logEngine } from "../src/provisioning/log-engine.ts";
import { openBoss } from "../src/queue/queue.ts";
import { applyAllRetention } from "./apply-retention.ts";
import { advanceRollouts } from "./advance-rollouts.ts";
import { attachContainers } from "./attach-containers.ts";
import { collectAllUsage } from "./collect-usage.ts";
import { checkDrift } from "./check-drift.ts";
import { checkHealth } from "./check-health.ts";
import { deliverWebhooks } from "./deliver-webhooks.ts";
import { deprovisionDepartment } from "./deprovision-department.ts";
import { endOverdueLogins } from "./end-overdue-logins.ts";
import { endStuckSessions } from "./end-stuck-sessions.ts";
import { evaluateAllAlerts } from "./evaluate-alerts.ts";
import { keepHouse } from "./keep-house.ts";
import { lapseGrants } from "./lapse-grants.ts";
import { lockdownDepartment } from "./lockdown-department.ts";
import { lookForDriftOnRequest } from "./look-for-drift.ts";
import { moveDepartment } from "./move-department.ts";
import { provisionDepartment } from "./provision-department.ts";
import { purgeWebhooks } from "./purge-webhooks.ts";
import { refreshCredentials } from "./refresh-credentials.ts";
import { retainAudit } from "./retain-audit.ts";
import { retryOrphans } from "./retry-orphans.ts";
import { rotateKeys } from "./rotate-keys.ts";
import { rotateSigningKey } from "./rotate-signing-key.ts";
import { sealAudit } from "./seal-audit.ts";
import { sweepAllStrays } from "./sweep-strays.ts";
import { unlockDepartment } from "./unlock-department.ts";
import { upgradeDepartment } from "./upgrade-department.ts";
import { tendOAuthClients } from "./tend-oauth-clients.ts";
import { verifyAudit } from "./verify-audit.ts";
import { wakeRuns } from "./wake-runs.ts";

export interface Jobs {
  engine: Engine;
  close(): Promise<void>;
}

const schedules = [
  { queue: "retry-orphans", cron: "*/15 * * * *", job: retryOrphans },
  { queue: "check-drift", cron: "11 * * * *", job: checkDrift },
  { queue: "sweep-strays", cron: "23 * * * *", job: sweepAllStrays },
  { queue: "refresh-credentials", cron: "* * * * *", job: refreshCredentials },
  { queue: "evaluate-alerts", cron: "* * * * *", job: evaluateAllAlerts },
  { queue: "rotate-keys", cron: "* * * * *", job: rotateKeys },
  { queue: "rotate-signing-key", cron: "29 4 * * *", job: rotateSigningKey },
  { queue: "keep-house", cron: "17 3 * * *", job: keepHouse },
  { queue: "apply-retention", cron: "37 2 * * *", job: applyAllRetention },
  { queue: "collect-usage", cron: "11 5 * * *", job: collectAllUsage },
  { queue: "tend-oauth-clients", cron: "41 4 * * *", job: tendOAuthClients },
  { queue: "lapse-grants", cron: "41 * * * *", job: lapseGrants },
  { queue: "verify-audit", cron: "19 1 * * *", job: verifyAudit },
  { queue: "retain-audit", cron: "7 2 * * *", job: retainAudit },
  { queue: "purge-webhooks", cron: "53 3 * * *", job: purgeWebhooks },
] as const;

/** Starts the engine and all workers of pg-boss. */
export async function startJobs(deps: ClosableWorkerDeps, observe = logEngine(deps.log)): Promise<Jobs> {
  const { config, log } = deps;
  const engine = createEngine({
    sql: deps.db.engine,
    deps,
    graphs: [
      provisionDepartment,
      deprovisionDepartment,
      lockdownDepartment,
      unlockDepartment,
      upgradeDepartment,
      moveDepartment,
    ],
    runsMax: config.runsMax,
    holdSeconds: config.failureHoldMinutes * 60,
    observe,
    tracer: deps.tracer,
  });
  const onError = (error: unknown) => log.error({ err: error }, "queue error");
  const boss = await openBoss({ url: deps.bossUrl.reveal(), role: "federation_app", onError });
  await wakeRuns(boss, engine);
  await lookForDriftOnRequest(boss, deps);
  for (const { queue, cron, job } of schedules) {
    await boss.schedule(queue, cron);
    await boss.work(queue, { pollingIntervalSeconds: 30 }, () =>
      deps.tracer.span(`job ${queue}`, { kind: "internal" }, () => job(deps)),
    );
  }
  const watchdogs = [endOverdueLogins(deps), endStuckSessions(deps), attachContainers(deps)];
  const deliverer = deliverWebhooks(deps);
  const sealer = sealAudit(deps);
  const health = checkHealth(deps);
  const rollouts = advanceRollouts(deps);
  return {
    engine,
    async close() {
      for (const watchdog of watchdogs) watchdog.close();
      await Promise.all([engine, deliverer, sealer, health, rollouts].map((part) => part.close()));
      await boss.stop({ graceful: true, timeout: 2000 });
    },
  };
}
