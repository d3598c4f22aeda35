import { readMove } from "../../src/departments/move-input.ts";
import { done, wait } from "../../src/provisioning/graph.ts";
import { atPlace } from "../../src/provisioning/places.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";
import { destroyHost } from "./delete-host.ts";
import { stopSeconds } from "./stop.ts";

/** Long enough for who read the old address just before the switch. */
const drainSeconds = 3;

/** Takes everything of the department off the old host. From here on the move only goes on. */
export const removeOldAgent: JobStep = {
  deadlineSeconds: stopSeconds,
  failuresMax: 8,
  async run(ctx) {
    if (ctx.attempt === 1) return wait(drainSeconds, "callers that still have the old address");
    await destroyHost(atPlace(ctx, readMove(ctx.run.input).from));
    return done();
  },
};
