import type { Logger } from "pino";
import type { EngineEvent } from "./run-steps.ts";

/** What the engine does, as log lines: ids, steps and error codes; never inputs or outputs. */
export function logEngine(log: Logger): (event: EngineEvent) => void {
  return (event) => {
    if (event.type === "sweep_failed") return log.warn({ err: event.error }, "could not look for runs");
    const run = { run: event.run.id, department: event.run.department.slug, epoch: event.run.epoch };
    if (event.type === "crashed")
      return log.error({ ...run, err: event.error }, "run dropped, it will be taken over");
    if (event.type === "claimed") return log.debug(run, "run claimed");
    if (event.type === "left") return log.info({ ...run, status: event.status }, "run left");
    if (event.type !== "settled")
      return log.debug({ ...run, step: event.step, attempt: event.attempt }, `step ${event.type}`);
    const { outcome } = event;
    if (outcome?.kind !== "error")
      return log.debug({ ...run, step: event.step, outcome: outcome?.kind }, "step settled");
    log.warn({ ...run, step: event.step, code: outcome.code, err: outcome.cause }, "step failed");
  };
}
