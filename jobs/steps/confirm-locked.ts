import { done, wait } from "../../src/provisioning/graph.ts";
import { isIrreversible, plans } from "../../src/provisioning/plans.ts";
import type { RunKind } from "../../src/provisioning/run.ts";
import type { JobContext, JobStep } from "../../src/provisioning/worker-deps.ts";
import { closeLogin } from "./close-login.ts";
import { stopAgent, stopSeconds } from "./stop.ts";

const lookAgainSeconds = 0.5;

/** Once no other run can start anything any more, ends again what one may have started meanwhile. */
export const confirmLocked: JobStep = {
  deadlineSeconds: stopSeconds,
  async run(ctx) {
    const other = await findOtherRun(ctx);
    if (other) return wait(lookAgainSeconds, `its run ${other} to be taken back`);
    await stopAgent(ctx);
    await closeLogin.run(ctx);
    return done();
  },
};

/**
 * A run that is being taken back starts nothing, but for an upgrade; a deprovision never does, nor what is behind its
 * point of no return.
 */
async function findOtherRun(ctx: JobContext): Promise<string | undefined> {
  const rows = await ctx.deps.db.app<{ id: string; kind: RunKind; begun: string[] }[]>`
    select id, kind, array(select s.name from federation.step s where s.run_id = r.id and s.started_at is not null) as begun
    from federation.run r where department_id = ${ctx.run.department.id} and kind not in ('lockdown', 'deprovision')
      and (status in ('queued', 'running', 'waiting') or (status = 'rolling_back' and kind = 'upgrade'))`;
  return rows.find(({ kind, begun }) => !isIrreversible(plans[kind], begun))?.id;
}
