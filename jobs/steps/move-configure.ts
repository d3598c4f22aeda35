import type { JobStep } from "../../src/provisioning/worker-deps.ts";
import { configure } from "./configure.ts";
import { atNewPlace } from "./move-project.ts";
import { stopSeconds } from "./stop.ts";

/** The agent's service on the new host, with variables as they are right there. */
export const moveConfigure: JobStep = {
  deadlineSeconds: stopSeconds,
  run: (ctx) => configure.run(atNewPlace(ctx)),
};
