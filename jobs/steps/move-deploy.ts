import { done } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";
import { specOf } from "./configure.ts";
import { startAgent } from "./deploy.ts";
import { atNewPlace } from "./move-project.ts";

/** The agent on the new host, beside the old one; nobody is led to it yet. */
export const moveDeploy: JobStep = {
  deadlineSeconds: 120,
  async run(ctx) {
    const at = atNewPlace(ctx);
    return done({ url: await startAgent(at, await specOf(at)) });
  },
};
