import { done, skip } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";
import { removeDepartmentWorkflows } from "../../src/workflows/remove-workflows.ts";

/** Takes everything of the department out of n8n. */
export const removeWorkflows: JobStep = {
  deadlineSeconds: 180,
  async run(ctx) {
    const removed = await removeDepartmentWorkflows(ctx);
    return removed ? done({ ...removed }) : skip("n8n is not configured: the department has no workflows");
  },
};
