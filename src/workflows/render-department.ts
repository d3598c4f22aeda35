import { renderWorkflow } from "./render-workflow.ts";
import type { RenderedWorkflow, WorkflowContext } from "./rendered-workflow.ts";
import { workflowKeys } from "./workflow-keys.ts";

/** Every workflow of a department in its order, each made with the ids that `use` answered for those before it. */
export async function renderDepartment(
  context: WorkflowContext,
  use: (workflow: RenderedWorkflow) => Promise<string> | string,
): Promise<void> {
  const ids: Record<string, string> = {};
  for (const key of workflowKeys(context.enabledTools)) {
    ids[key] = await use(renderWorkflow(key, context, ids));
  }
}
