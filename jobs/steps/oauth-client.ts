import { skip } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

export const oauthClient: JobStep = {
  run: () => Promise.resolve(skip("Google is not configured: no OAuth client pool")),
};
