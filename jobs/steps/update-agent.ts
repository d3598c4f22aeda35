import { done } from "../../src/provisioning/graph.ts";
import { hostCall, hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { specOf } from "./configure.ts";
import { deployAgent } from "./deploy.ts";

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
  const spec = await specOf(ctx, release);
  await ctx.fence();
  await hostOf(ctx).setVariables(spec, hostCall(ctx));
  return deployAgent(ctx, spec);
}

/** What is locked stays stopped; a lockdown that comes meanwhile stops what was started, after this run's end. */
async function isLocked(ctx: JobContext): Promise<boolean> {
  const [row] = await ctx.deps.db.app<{ locked: boolean }[]>`
    select locked_at is not null as locked from federation.department where id = ${ctx.run.department.id}`;
  return row?.locked ?? true;
}
