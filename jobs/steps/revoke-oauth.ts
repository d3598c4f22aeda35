import { skip } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

export const revokeOauth: JobStep = {
  run: () => Promise.resolve(skip("Google is not configured: the department has no OAuth client")),
};
