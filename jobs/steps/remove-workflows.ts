import { skip } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

export const removeWorkflows: JobStep = {
  run: () => Promise.resolve(skip("n8n is not configured: the department has no workflows")),
};
