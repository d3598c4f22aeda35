import { done } from "../../src/provisioning/graph.ts";
import { atEach, presentPlaces } from "../../src/provisioning/places.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import { hostCall, hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";

/** A host gives conversations a minute to end. */
export const stopSeconds = 120;

/** Stops the agent; what it holds on its host stays until `delete-host`. */
export const stop: JobStep = {
  deadlineSeconds: stopSeconds,
  async run(ctx) {
    await stopAgent(ctx);
    return done();
  },
};

export async function stopAgent(ctx: JobContext): Promise<void> {
  await atEach(await presentPlaces(ctx), async (at) => {
    await at.fence();
    await hostOf(at).stop(at.run.department.id, hostCall(at));
  });
  await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    const { count } =
      await tx`update federation.department set agent_url = null, updated_at = clock_timestamp()
      where id = ${ctx.run.department.id} and agent_url is not null`;
    if (count > 0) record({ action: "agent.stop" });
  });
}
