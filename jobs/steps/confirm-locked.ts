import { done, wait } from "../../src/provisioning/graph.ts";
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

/** A run that is being taken back starts nothing, but for an upgrade; a deprovision never does. */
async function findOtherRun(ctx: JobContext): Promise<string | undefined> {
  const [row] = await ctx.deps.db.app<{ id: string }[]>`
    select id from federation.run where department_id = ${ctx.run.department.id}
      and kind not in ('lockdown', 'deprovision') and (status in ('queued', 'running', 'waiting') or (status = 'rolling_back' and kind = 'upgrade'))`;
  return row?.id;
}
