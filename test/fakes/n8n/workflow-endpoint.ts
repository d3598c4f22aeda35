// /api/v1/workflows
import type { JsonObject } from "../../../src/json.ts";
import type { WorkflowNode } from "../../../src/providers/n8n/n8n.ts";
import { type Answer, type ApiCall, ok, refuse, type Version } from "./answer.ts";
import { checkWorkflow } from "./check-workflow.ts";
import { hasWebhook, type Publisher } from "./create-publisher.ts";
import { answerPage } from "./answer-page.ts";
import { newId, newUuid, type Store, type StoredWorkflow } from "./store.ts";

export interface WorkflowEndpoint {
  store: Store;
  publisher: Publisher;
  version: Version;
}

export function answerWorkflows(endpoint: WorkflowEndpoint, call: ApiCall): Answer {
  const [, id, action] = call.path;
  if (id === undefined) return answerCollection(endpoint, call);
  if (action === undefined) return answerOne(endpoint, call, id);
  if (call.method !== "POST") return refuse(404, "Version not found");
  return answerAction(endpoint, action, id);
}

function answerCollection(endpoint: WorkflowEndpoint, { method, query, body }: ApiCall): Answer {
  const { store, version } = endpoint;
  if (method === "GET") {
    const name = query.get("name");
    const rows = [...store.workflows.values()].filter(
      (one) => name === null || (version === "2.8" ? one.name.includes(name) : one.name === name),
    );
    return answerPage(rows.map(shown), query);
  }
  if (method !== "POST") return notAllowed(method);
  const problem = checkWorkflow(body, version, method);
  if (problem !== undefined) return refuse(400, problem);
  const now = new Date().toISOString();
  const workflow: StoredWorkflow = {
    id: newId(),
    ...draftOf(endpoint, body),
    name: String(body["name"]),
    settings: body["settings"] as JsonObject,
    isArchived: false,
    activeVersion: undefined,
    isUnpublishing: false,
    createdAt: now,
    updatedAt: now,
  };
  store.workflows.set(workflow.id, workflow);
  return ok(shown(workflow));
}

function answerOne(endpoint: WorkflowEndpoint, { method, body }: ApiCall, id: string): Answer {
  const { store, version } = endpoint;
  const workflow = store.workflows.get(id);
  if (method === "GET") return workflow ? ok(shown(workflow)) : missing(endpoint, id);
  if (method === "DELETE") return workflow ? remove(endpoint, workflow) : missing(endpoint, id);
  if (method !== "PUT") return notAllowed(method);
  const problem = checkWorkflow(body, version, method);
  if (problem !== undefined) return refuse(400, problem);
  if (!workflow) return missing(endpoint, id, "update");
  if (workflow.isArchived) return refuse(400, "Cannot update an archived workflow.");
  const settings = { ...workflow.settings, ...(body["settings"] as JsonObject) };
  Object.assign(workflow, draftOf(endpoint, body), {
    name: String(body["name"]),
    settings: withoutDefaults(settings),
    updatedAt: new Date().toISOString(),
  });
  return workflow.activeVersion ? publish(endpoint, workflow) : ok(shown(workflow));
}

function answerAction(endpoint: WorkflowEndpoint, action: string, id: string): Answer {
  const { store, publisher, version } = endpoint;
  const known = ["activate", "deactivate"];
  if (version === "2.41") known.push("publish", "unpublish", "archive", "unarchive");
  if (!known.includes(action)) return notAllowed("POST");
  const workflow = store.workflows.get(id);
  if (!workflow)
    return missing(endpoint, id, action.replace("unpublish", "deactivate").replace("publish", "activate"));
  if (action === "publish" || action === "activate") {
    if (workflow.isArchived) return refuse(400, "Cannot activate an archived workflow.");
    return publish(endpoint, workflow);
  }
  if (action !== "unarchive") publisher.unpublish(workflow);
  if (action.endsWith("archive")) workflow.isArchived = action === "archive";
  return ok(shown(workflow));
}

function publish({ store, publisher, version }: WorkflowEndpoint, workflow: StoredWorkflow): Answer {
  const wasActive = workflow.activeVersion !== undefined;
  const problem = publisher.publish(workflow);
  if (!problem) return ok(shown(workflow));
  if (version === "2.41") return refuse(problem.status, problem.message);
  // 2.8 takes the new version for the published one before it looks for conflicts.
  const { versionId, nodes, connections } = workflow;
  if (wasActive) workflow.activeVersion = { versionId, nodes, connections };
  for (const one of store.registered.values()) if (one.workflowId === workflow.id) one.isBroken = true;
  return refuse(400, problem.message);
}

function remove({ store, publisher, version }: WorkflowEndpoint, workflow: StoredWorkflow): Answer {
  if (version === "2.41" && workflow.activeVersion) {
    return refuse(409, "Cannot delete a published workflow. Unpublish it before deleting.");
  }
  if (version === "2.41" && workflow.isUnpublishing) {
    return refuse(409, "Workflow is still being unpublished. Please try again in a few moments.");
  }
  publisher.forget(workflow);
  store.workflows.delete(workflow.id);
  return ok(shown(workflow));
}

const notAllowed = (method: string) => refuse(405, `${method} method not allowed`);

function missing({ version }: WorkflowEndpoint, id: string, verb?: string): Answer {
  if (version === "2.8") return refuse(404, `Workflow with ID "${id}" not found.`);
  if (verb === undefined) return refuse(404, "Not Found");
  return refuse(
    404,
    `You do not have permission to ${verb} this workflow. Ask the owner to share it with you.`,
  );
}

function draftOf({ store, version }: WorkflowEndpoint, body: Record<string, unknown>) {
  const nodes = (body["nodes"] as WorkflowNode[]).map((node) => ({
    ...node,
    id: node.id ?? newUuid(),
    ...(node.credentials && { credentials: bind(store, node.credentials) }),
    ...(version === "2.41" && hasWebhook(node) && { webhookId: node.webhookId ?? newUuid() }),
  }));
  return { versionId: newUuid(), nodes, connections: body["connections"] as JsonObject };
}

/** Names follow ids; an unknown id becomes that of the one credential with the same name and type. */
function bind(store: Store, credentials: NonNullable<WorkflowNode["credentials"]>) {
  const bound = Object.entries(credentials).map(([type, { id, name }]) => {
    const known = store.credentials.get(id);
    if (known) return [type, { id, name: known.name }] as const;
    const named = [...store.credentials.values()].filter((one) => one.name === name && one.type === type);
    return [type, { id: named.length === 1 ? (named[0]?.id ?? id) : id, name }] as const;
  });
  return Object.fromEntries(bound);
}

function withoutDefaults(settings: JsonObject): JsonObject {
  const kept = Object.entries(settings).filter(
    ([key, value]) => value !== "DEFAULT" && !(key === "executionTimeout" && value === -1),
  );
  return Object.fromEntries(kept);
}

function shown(stored: StoredWorkflow) {
  const { activeVersion, isUnpublishing: _, ...workflow } = stored;
  return structuredClone({
    ...workflow,
    description: null,
    active: activeVersion !== undefined,
    activeVersionId: activeVersion?.versionId ?? null,
    triggerCount: 0,
    staticData: null,
    pinData: null,
    meta: null,
    tags: [],
    shared: [{ role: "workflow:owner", workflowId: workflow.id }],
    activeVersion: activeVersion ?? null,
  });
}
