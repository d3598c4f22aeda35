import { done, skip } from "../../src/provisioning/graph.ts";
import type { JobStep } from "../../src/provisioning/worker-deps.ts";
import { ensureWorkflows } from "../../src/workflows/ensure-workflows.ts";
import { n8nOf } from "../../src/workflows/n8n-of.ts";
import { removeDepartmentWorkflows } from "../../src/workflows/remove-workflows.ts";

/** The department's workflows in n8n with credentials of their own, each called until it answers as itself. */
export const workflows: JobStep = {
  // Two tries of 16 s to be seen live, after some fifty calls to n8n.
  deadlineSeconds: 180,
  async run(ctx) {
    const n8n = await n8nOf(ctx);
    if (!n8n) return skip("n8n is not configured: no base URL and API key");
    const { workflows: made } = await ensureWorkflows(ctx, n8n);
    return done({ workflows: made });
  },
  undo: async (ctx) => void (await removeDepartmentWorkflows(ctx)),
};
