import { done } from "../../src/provisioning/graph.ts";
import { allPlacesEver, atEach } from "../../src/provisioning/places.ts";
import { markDeleted } from "../../src/provisioning/resources.ts";
import { stopSeconds } from "./stop.ts";
import { hostCall, hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";

/** Takes everything of the department off its host, and off every other where it ever was. */
export const deleteHost: JobStep = {
  deadlineSeconds: stopSeconds,
  async run(ctx) {
    await atEach(await allPlacesEver(ctx), destroyHost);
    return done();
  },
};

export async function destroyHost(ctx: JobContext): Promise<void> {
  const host = hostOf(ctx);
  const { id } = ctx.run.department;
  const known = await ctx.deps.db.app<{ kind: string }[]>`
    select distinct kind from federation.resource where department_id = ${id} and provider = ${host.name}`;
  await ctx.fence();
  await host.destroy(id, hostCall(ctx));
  await markDeleted(
    ctx,
    host.name,
    known.map((row) => row.kind),
  );
}
