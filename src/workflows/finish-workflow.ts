import type { JsonObject } from "../json.ts";
import type { WorkflowDefinition, WorkflowNode } from "../providers/n8n/n8n.ts";
import type { Draft, DraftNode } from "./draft.ts";
import { fillPlaceholders, type Placeholders } from "./fill-placeholders.ts";
import { layOut } from "./lay-out.ts";
import type { CredentialKey, WorkflowContext } from "./rendered-workflow.ts";

const namespace = "8b0b1d5e-6c0f-4b52-9d5c-0d2f1e3a7c41";
const credentialTypes: Record<CredentialKey, string> = {
  api: "httpBearerAuth",
  hook: "httpHeaderAuth",
  mcp: "httpBearerAuth",
};

/** Access tokens pass through: nothing of an execution is kept, whatever the instance keeps by default. */
const settings = {
  executionOrder: "v1",
  timezone: "UTC",
  executionTimeout: 60,
  saveDataSuccessExecution: "none",
  saveDataErrorExecution: "none",
  saveManualExecutions: false,
  saveExecutionProgress: false,
  callerPolicy: "workflowsFromSameOwner",
};

/** A draft for one department; the same one always becomes the same definition. */
export function finishWorkflow(draft: Draft, key: string, ctx: WorkflowContext): WorkflowDefinition {
  const places = layOut(draft);
  const values = placeholdersOf(ctx);
  const name = `fed/${ctx.environment}/${ctx.department.suffix}/${key}`;
  if (name.length > 128) throw new TypeError(`The name of the workflow ${key} is longer than 128 characters`);
  return {
    name,
    nodes: draft.nodes.map((node) => finishNode(node, places.get(node.name) ?? [0, 0], name, values, ctx)),
    connections: connectionsOf(draft),
    settings: { ...settings },
  };
}

function finishNode(
  { name, type, typeVersion, parameters, credential, onError, notes, isWebhook }: DraftNode,
  position: [number, number],
  workflow: string,
  values: Placeholders,
  ctx: WorkflowContext,
): WorkflowNode {
  const uuid = (what: string) => Bun.randomUUIDv5(`${workflow}/${name}/${what}`, namespace);
  return {
    id: uuid("node"),
    name,
    type,
    typeVersion,
    position,
    parameters: fillPlaceholders(type, parameters, values),
    ...(credential && { credentials: { [credentialTypes[credential]]: { ...ctx.credentials[credential] } } }),
    ...(onError && { onError }),
    ...(notes !== undefined && { notes: String(fillPlaceholders(type, { notes }, values)["notes"]) }),
    ...(isWebhook && { webhookId: uuid("webhook") }),
  };
}

const placeholdersOf = ({ department, federationUrl, pathPrefix }: WorkflowContext): Placeholders => ({
  tokens: { "department.id": department.id, prefix: pathPrefix, url: federationUrl },
  texts: { "department.name": department.name },
});

function connectionsOf({ nodes, links, linkType }: Draft): JsonObject {
  const known = new Set(nodes.map(({ name }) => name));
  const targetOf = (target: string | null) => {
    if (target === null) return [];
    if (!known.has(target)) throw new TypeError(`templates/n8n: there is no step ${target}`);
    return [{ node: target, type: linkType, index: 0 }];
  };
  return Object.fromEntries(
    Object.entries(links).map(([from, targets]) => [from, { [linkType]: targets.map(targetOf) }]),
  );
}
