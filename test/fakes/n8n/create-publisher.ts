// Publishing answers at once; what serves changes later, and whoever comes second to a path is never told.
import type { WorkflowNode } from "../../../src/providers/n8n/n8n.ts";
import type { Version as ApiVersion } from "./answer.ts";
import type { Registration, Store, StoredWorkflow, Version } from "./store.ts";

export interface PublisherOptions {
  version: ApiVersion;
  /** From the answer to the change of what serves. */
  registrationMs: number;
}

export type Publisher = ReturnType<typeof createPublisher>;

export function createPublisher(store: Store, options: PublisherOptions) {
  const timers = new Set<ReturnType<typeof setTimeout>>();

  function settle(workflow: StoredWorkflow) {
    workflow.isUnpublishing = false;
    const { activeVersion } = workflow;
    const keys = activeVersion
      ? registrationsOf(workflow.id, activeVersion)
      : new Map<string, Registration>();
    for (const [key, { workflowId }] of store.registered) {
      if (workflowId === workflow.id) store.registered.delete(key);
    }
    if ([...keys.keys()].some((key) => store.registered.has(key))) return;
    for (const [key, registration] of keys) store.registered.set(key, registration);
  }

  function schedule(workflow: StoredWorkflow) {
    if (options.version === "2.8") return settle(workflow);
    const timer = setTimeout(() => {
      timers.delete(timer);
      settle(workflow);
    }, options.registrationMs);
    timers.add(timer);
  }

  const isTaken = (workflow: StoredWorkflow, keys: readonly string[]) =>
    new Set(keys).size < keys.length ||
    keys.some((key) => (store.registered.get(key)?.workflowId ?? workflow.id) !== workflow.id);

  return {
    /** Why it cannot be published: a status and n8n's words. */
    publish(workflow: StoredWorkflow): { status: number; message: string } | undefined {
      const { versionId, nodes, connections } = workflow;
      const version = { versionId, nodes, connections };
      const triggers = triggersOf(nodes);
      if (
        isTaken(
          workflow,
          triggers.flatMap((node) => keysOf(workflow.id, node)),
        )
      ) {
        return { status: 409, message: "There is a conflict with one of the webhooks." };
      }
      const message = checkNodes(nodes, triggers);
      if (message !== undefined) return { status: 400, message };
      workflow.activeVersion = version;
      schedule(workflow);
      return undefined;
    },
    unpublish(workflow: StoredWorkflow) {
      if (!workflow.activeVersion) return;
      workflow.activeVersion = undefined;
      workflow.isUnpublishing = true;
      schedule(workflow);
    },
    /** In 2.8 a workflow is deleted with what it serves. */
    forget(workflow: StoredWorkflow) {
      workflow.activeVersion = undefined;
      settle(workflow);
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

const webhook = "n8n-nodes-base.webhook";
export const mcpTrigger = "@n8n/n8n-nodes-langchain.mcpTrigger";
const otherTriggers = ["n8n-nodes-base.scheduleTrigger", "n8n-nodes-base.errorTrigger"];

export const hasWebhook = ({ type }: WorkflowNode) => type === webhook || type === mcpTrigger;
export const pathOf = (text: string) => text.replaceAll(/^\/+|\/+$/g, "");

const triggersOf = (nodes: readonly WorkflowNode[]) =>
  nodes.filter((node) => !node.disabled && (hasWebhook(node) || otherTriggers.includes(node.type)));

function keysOf(workflowId: string, { name, type, webhookId, parameters }: WorkflowNode): string[] {
  const own = pathOf(String(parameters["path"] ?? ""));
  const path =
    webhookId === undefined ? `${workflowId}/${encodeURIComponent(name.toLowerCase())}/${own}` : own;
  if (type === mcpTrigger) return ["GET", "POST", "DELETE"].map((method) => `${method} ${path}`);
  return type === webhook ? [`${String(parameters["httpMethod"] ?? "GET")} ${path}`] : [];
}

function registrationsOf(workflowId: string, version: Version): Map<string, Registration> {
  const entries = triggersOf(version.nodes).flatMap((node) =>
    keysOf(workflowId, node).map((key) => [key, { workflowId, node, version }] as const),
  );
  return new Map(entries);
}

const needed: Readonly<Record<string, string>> = {
  headerAuth: "httpHeaderAuth",
  bearerAuth: "httpBearerAuth",
};

function checkNodes(nodes: readonly WorkflowNode[], triggers: readonly WorkflowNode[]): string | undefined {
  if (triggers.length === 0) {
    return "Workflow cannot be activated because it has no trigger node. At least one trigger, webhook, or polling node is required.";
  }
  const foreign = nodes.find(({ type }) => !/^(n8n-nodes-base|@n8n\/n8n-nodes-langchain)\./.test(type));
  if (foreign) return `Unrecognized node type: ${foreign.type}`;
  for (const { name, parameters, credentials = {} } of triggers) {
    const credential = needed[String(parameters["authentication"])];
    if (credential !== undefined && !credentials[credential]) {
      return `Cannot publish workflow: 1 node have configuration issues:\n\nNode "${name}":\n  - Missing required credential: ${credential}`;
    }
  }
  return undefined;
}
