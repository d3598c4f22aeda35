import { skip } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";

export const workflows: JobStep = {
  run: () => Promise.resolve(skip("n8n is not configured: no base URL and API key")),
};
