import { done } from "../../src/provisioning/graph.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import { hostCall, hostOf, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { stopAgent } from "./stop.ts";
import { specOf } from "./configure.ts";

/** Starts the agent and writes down where it answers. */
export const deploy: JobStep = {
  deadlineSeconds: 120,
  async run(ctx) {
    const host = hostOf(ctx);
    const spec = await specOf(ctx);
    await ctx.fence();
    const { url } = await host.deploy(spec, hostCall(ctx));
    await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
      await tx`update federation.department set agent_url = ${url}, updated_at = clock_timestamp()
        where id = ${ctx.run.department.id} and status <> 'deprovisioned'`;
      record({ action: "agent.deploy", meta: { url, release: spec.release } });
    });
    return done({ url });
  },
  undo: stopAgent,
};
