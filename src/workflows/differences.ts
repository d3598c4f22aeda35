import { type ConfigChange, changesBetween } from "../departments/config/diff.ts";
import { normalizeWorkflow } from "../providers/n8n/normalize-workflow.ts";
import type { WorkflowDefinition } from "../providers/n8n/n8n.ts";

/** What of a live workflow is not as it is rendered, such as `nodes.Webhook.parameters.path`. */
export function differencesOf(rendered: WorkflowDefinition, live: WorkflowDefinition): ConfigChange[] {
  return changesBetween(comparable(rendered), comparable(live));
}

/** Nodes by name, which is unique in a workflow, so that a change has a path. */
function comparable(workflow: WorkflowDefinition) {
  const { nodes, ...rest } = normalizeWorkflow(workflow);
  return { ...rest, nodes: Object.fromEntries(nodes.map(({ name, ...node }) => [name, node])) };
}
