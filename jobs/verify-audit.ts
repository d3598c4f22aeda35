import { verifyTrail } from "../src/audit/verify-trail.ts";
import { type ClosableWorkerDeps, systemContext } from "../src/deps.ts";

/** Verifies the whole audit, so that a change of it is found without anybody asking. */
export async function verifyAudit(deps: ClosableWorkerDeps): Promise<void> {
  const { ok, events, problems, gaps } = await verifyTrail(systemContext(deps, "verify-audit"));
  if (ok) deps.log.info({ events }, "audit verified");
  else
    deps.log.error(
      { events, problems: problems.slice(0, 10), gaps: gaps.slice(0, 10) },
      "the audit is broken",
    );
}
