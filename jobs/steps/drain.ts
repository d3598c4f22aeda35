import { done, wait } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";
import { directAccess } from "./direct-access.ts";

/** Longer than a key stays known to a web process, so that calls let in before the suspension are over. */
const drainSeconds = 1.5;

/** Ends the department's own database login and lets what was let in before the suspension come to its end. */
export const drain: JobStep = {
  async run(ctx) {
    await directAccess.undo?.(ctx);
    return ctx.attempt === 1 ? wait(drainSeconds, "calls that began before the suspension") : done();
  },
  async undo(ctx) {
    await directAccess.run(ctx);
  },
};
