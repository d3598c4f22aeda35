import { retryRun } from "../src/provisioning/retry-run.ts";
import { systemContext } from "../src/deps.ts";
import type { ClosableWorkerDeps } from "../src/deps.ts";

const quietMinutes = 10;

/** Tries again what could not be taken away: rollbacks with orphans, deprovisions, lockdowns and moves that failed on the way. */
export async function retryOrphans(deps: ClosableWorkerDeps): Promise<void> {
  const rows = await deps.db.app<{ id: string; error_code: string }[]>`
    select r.id, r.error_code from federation.run r
    where r.status = 'failed' and (r.kind in ('deprovision', 'lockdown', 'move') or r.error_code = 'rollback_incomplete')
      and not exists (select from federation.step s where s.run_id = r.id
        and greatest(s.started_at, s.finished_at) > clock_timestamp() - make_interval(mins => ${quietMinutes}))`;
  for (const { id, error_code } of rows) {
    await retryRun(
      systemContext(deps, "retry-orphans"),
      id,
      error_code === "still_present" ? { from_step: "stop" } : {},
    ).catch((error: unknown) => deps.log.warn({ err: error, run: id }, "could not retry"));
  }
}
