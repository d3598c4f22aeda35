import type { Json, JsonObject } from "../../json.ts";
import type { WorkflowDefinition, WorkflowNode } from "./n8n.ts";
import { effectiveSettings } from "./reset-settings.ts";

/**
 * A workflow, ours or one read from n8n, in a form that is equal exactly when both do the same. What n8n 2.41 changes by
 * itself is left out: a `webhookId` for each trigger without one, another at every update; the names of credentials,
 * taken from their ids; the settings an update cannot remove, set to what holds without them; the order of keys. Also
 * out is what says nothing: `disabled: false`, empty notes, outputs without connections, the order of nodes. All that a
 * person can change is kept: names, parameters, positions, notes, connections, error handling, which credential. n8n's
 * editor rewrites parameters when it saves (drops those at their default): that counts as a change.
 */
export function normalizeWorkflow({ name, nodes, connections, settings }: WorkflowDefinition): JsonObject {
  const sorted = nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    name,
    nodes: sorted.map(normalizeNode),
    connections: normalizeConnections(connections),
    settings: effectiveSettings(settings),
  };
}

function normalizeNode(node: WorkflowNode): JsonObject {
  const { id, name, type, typeVersion, position, parameters, credentials = {}, retryOnFail } = node;
  const used = Object.entries(credentials).map(([kind, credential]) => [kind, credential.id] as const);
  const told: Record<string, Json | undefined> = {
    credentials: used.length > 0 ? Object.fromEntries(used) : undefined,
    disabled: node.disabled || undefined,
    notes: node.notes || undefined,
    onError: node.onError === "stopWorkflow" ? undefined : node.onError,
    executeOnce: node.executeOnce || undefined,
    alwaysOutputData: node.alwaysOutputData || undefined,
    retryOnFail: retryOnFail || undefined,
    maxTries: retryOnFail ? node.maxTries : undefined,
    waitBetweenTries: retryOnFail ? node.waitBetweenTries : undefined,
  };
  const set = Object.entries(told).flatMap(([key, value]) => (value === undefined ? [] : [{ [key]: value }]));
  return Object.assign({ id, name, type, typeVersion, position, parameters }, ...set);
}

/** By source, kind and output; an editor leaves empty ones behind. */
function normalizeConnections(connections: JsonObject): JsonObject {
  const sources = Object.entries(connections).map(([source, kinds]) => {
    const kept = Object.entries(isObject(kinds) ? kinds : {})
      .map(([kind, outputs]) => [kind, withoutEmptyEnd(Array.isArray(outputs) ? outputs : [])] as const)
      .filter(([, outputs]) => outputs.length > 0);
    return [source, Object.fromEntries(kept)] as const;
  });
  return Object.fromEntries(sources.filter(([, kinds]) => Object.keys(kinds).length > 0));
}

function withoutEmptyEnd(outputs: readonly Json[]): Json[] {
  const filled = outputs.map((targets) => targets ?? []);
  const last = filled.findLastIndex((targets) => !Array.isArray(targets) || targets.length > 0);
  return filled.slice(0, last + 1);
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
