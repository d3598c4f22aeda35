import { evaluateAlerts } from "../src/alerts/evaluate.ts";
import type { ClosableWorkerDeps } from "../src/deps.ts";

/** Looks at what alerts are raised about; of all workers one does it each minute. */
export async function evaluateAllAlerts({ db, log }: ClosableWorkerDeps): Promise<void> {
  const outcome = await evaluateAlerts(db.app);
  if (outcome && outcome.fired + outcome.resolved > 0) log.info(outcome, "alerts changed");
}
