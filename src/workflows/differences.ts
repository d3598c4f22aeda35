import { type ConfigChange, changesBetween } from "../departments/config/diff.ts";
import type { Json } from "../json.ts";
import { normalizeWorkflow } from "../providers/n8n/normalize-workflow.ts";
import type { WorkflowDefinition } from "../providers/n8n/n8n.ts";

/** What of a live workflow is not as it is rendered, such as `nodes.Webhook.parameters.path`. */
export function differencesOf(rendered: WorkflowDefinition, live: WorkflowDefinition): ConfigChange[] {
  return changesBetween(comparable(rendered), comparable(live));
}

/** Nodes by name, which is unique in a workflow, so that a change has a path. */
function comparable(workflow: WorkflowDefinition) {
  const { nodes = [], ...rest } = normalizeWorkflow(workflow);
  return { ...rest, nodes: Object.fromEntries(Array.isArray(nodes) ? nodes.map(named) : []) };
}

function named(node: Json): [string, Json] {
  if (node === null || typeof node !== "object" || Array.isArray(node)) return ["", node];
  const { name, ...rest } = node;
  return [String(name), rest];
}
