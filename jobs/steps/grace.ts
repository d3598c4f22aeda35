import { done, wait } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

/** Waits until the grace period is over; a cancel until then revives the department. */
export const grace: JobStep = {
  async run(ctx) {
    const until = String(ctx.output("suspend")?.["grace_until"] ?? "");
    const [row] = await ctx.deps.db.app<{ seconds: number }[]>`
      select extract(epoch from ${until}::timestamptz - clock_timestamp())::float8 as seconds`;
    const seconds = row?.seconds ?? 0;
    return seconds > 0 ? wait(seconds, `the grace period ends at ${until}`) : done();
  },
};
