import { done } from "../../src/provisioning/graph.ts";
import { hostCall, hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { stepTx } from "../../src/provisioning/step-tx.ts";
import { specOf } from "./configure.ts";

/** The agent in another release or with other variables; its undo brings the release of before back. */
export const updateAgent: JobStep = {
  deadlineSeconds: 300,
  async run(ctx) {
    return done({ url: await deployRelease(ctx, String(ctx.run.input["release"])) });
  },
  async undo(ctx) {
    if (await isLocked(ctx)) return;
    await deployRelease(ctx, String(ctx.run.input["release_before"]));
  },
};

async function deployRelease(ctx: JobContext, release: string): Promise<string> {
  const host = hostOf(ctx);
  const spec = await specOf(ctx, release);
  await ctx.fence();
  await host.setVariables(spec, hostCall(ctx));
  await ctx.fence();
  const { url } = await host.deploy(spec, hostCall(ctx));
  await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    await tx`update federation.department set agent_url = ${url}, updated_at = clock_timestamp()
      where id = ${ctx.run.department.id} and agent_url is distinct from ${url}`;
    record({ action: "agent.deploy", meta: { url, release } });
  });
  return url;
}

/** What is locked stays stopped; a lockdown that comes meanwhile stops what was started, after this run's end. */
async function isLocked(ctx: JobContext): Promise<boolean> {
  const [row] = await ctx.deps.db.app<{ locked: boolean }[]>`
    select locked_at is not null as locked from federation.department where id = ${ctx.run.department.id}`;
  return row?.locked ?? true;
}
