import type { Outcome } from "../provisioning/decide.ts";
import type { ClaimedRun } from "../provisioning/run.ts";
import type { Tracer } from "./tracer.ts";

/** One worker's turn at a run, below the request that asked for the run, however long ago that was. */
export function traceRun(tracer: Tracer, run: ClaimedRun, carry: () => Promise<void>): Promise<void> {
  const attributes = { ...attributesOf(run), "federation.request_id": run.requestId };
  return tracer.span(`run ${run.kind}`, { kind: "internal", parent: run.traceParent, attributes }, carry);
}

/** One attempt of a step, below the turn it belongs to. */
export function traceStep(
  tracer: Tracer,
  { run, step, attempt }: { run: ClaimedRun; step: string; attempt: number },
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const name = run.status === "rolling_back" ? `undo ${step}` : `step ${step}`;
  const attributes = { ...attributesOf(run), "federation.step": step, "federation.attempt": attempt };
  return tracer.span(name, { kind: "internal", attributes }, async (span) => {
    const outcome = await work();
    span.set({ "federation.outcome": outcome.kind });
    if (outcome.kind === "error") span.fail(outcome.code);
    return outcome;
  });
}

const attributesOf = (run: ClaimedRun) => ({
  "federation.run": run.id,
  "federation.run.kind": run.kind,
  "federation.run.epoch": run.epoch,
  "federation.department": run.department.id,
});
