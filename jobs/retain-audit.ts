import { openAnchorDirectory } from "../src/audit/anchor-directory.ts";
import { retirableMonths, retireMonth } from "../src/audit/retire-month.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";

/** Months of the audit older than two years leave for the artifacts, verified. */
export async function retainAudit({ db, vault, artifacts, config, log }: WorkerDeps): Promise<void> {
  const anchor = openAnchorDirectory(config.auditAnchorUrl);
  for (const month of await retirableMonths(db.app)) {
    const retired = await retireMonth({ sql: db.app, vault, artifacts, anchor }, month);
    log.info({ month, ...retired }, "audit month retired");
  }
}
