// n8n takes no key it does not know, and some that it answers are not taken back.
import type { Version } from "./answer.ts";

const required = ["name", "nodes", "connections", "settings"];
const optional = ["staticData", "shared"];
const newer = ["pinData", "nodeGroups", "projectId", "parentFolderId"];
const readOnly = [
  ...["id", "active", "createdAt", "updatedAt", "isArchived", "versionId", "triggerCount"],
  ...["meta", "tags", "activeVersion"],
];
const nodeKeys = [
  ...["id", "name", "webhookId", "disabled", "notesInFlow", "notes", "type", "typeVersion", "executeOnce"],
  ...["alwaysOutputData", "retryOnFail", "maxTries", "waitBetweenTries", "continueOnFail", "onError"],
  ...["position", "parameters", "credentials"],
];
const settingsKeys = [
  ...["saveExecutionProgress", "saveManualExecutions", "saveDataErrorExecution", "saveDataSuccessExecution"],
  ...["executionTimeout", "errorWorkflow", "timezone", "executionOrder", "callerPolicy", "callerIds"],
  ...["timeSavedPerExecution", "availableInMCP"],
];
const newerSettings = [
  ...["timeSavedMode", "redactionPolicy", "customTelemetryTags", "binaryMode", "credentialResolverId"],
];

type Body = Record<string, unknown>;

/** What is wrong with the body of a POST or PUT of a workflow, in n8n's words. */
export function checkWorkflow(body: Body, version: Version, method: string): string | undefined {
  const isNew = version === "2.41";
  const known = [
    ...required,
    ...optional,
    ...(isNew ? newer : []),
    ...(method === "PUT" ? ["description"] : []),
  ];
  for (const key of readOnly) if (key in body) return `request/body/${key} is read-only`;
  for (const key of required) {
    if (!(key in body)) return `request/body must have required property '${key}'`;
  }
  const settings = isNew ? [...settingsKeys, ...newerSettings] : settingsKeys;
  if (!isObject(body["settings"])) return "request/body/settings Expected object, received null";
  if (!isObject(body["connections"])) return "request/body/connections Expected object, received null";
  if (!Array.isArray(body["nodes"])) return "request/body/nodes Expected array, received null";
  const nodes = body["nodes"].map((node: unknown) => (isObject(node) ? node : {}));
  return (
    unknownKey("request/body", body, known, version) ??
    unknownKey("request/body/settings", body["settings"], settings, version) ??
    first(nodes, (node, at) => unknownKey(`request/body/nodes/${at}`, node, nodeKeys, version)) ??
    (isNew ? (checkName(body["name"]) ?? checkStructure(nodes, body["connections"])) : undefined)
  );
}

function checkName(name: unknown): string | undefined {
  const isFine = typeof name === "string" && name.length >= 1 && name.length <= 128;
  return isFine ? undefined : "Workflow name must be 1 to 128 characters long.";
}

function unknownKey(at: string, value: Body, known: readonly string[], version: Version): string | undefined {
  const key = Object.keys(value).find((one) => !known.includes(one));
  if (key === undefined) return undefined;
  return version === "2.41"
    ? `${at} Unrecognized key(s) in object: '${key}'`
    : `${at} must NOT have additional properties`;
}

const isText = (value: unknown) => typeof value === "string" && value !== "";
const nodeChecks: Record<string, (value: unknown) => boolean> = {
  name: isText,
  type: isText,
  typeVersion: (value) => typeof value === "number",
  position: (value) => Array.isArray(value) && value.length === 2,
  parameters: isObject,
};

function checkStructure(nodes: readonly Body[], connections: Body): string | undefined {
  const problem =
    first(nodes, (node, at) => {
      const wrong = Object.entries(nodeChecks).find(([key, isRight]) => !isRight(node[key]));
      return wrong && `nodes[${at}].${wrong[0]} (invalid_type): Required`;
    }) ??
    repeated(nodes, "id", "duplicate_node_id") ??
    repeated(nodes, "name", "duplicate_node_name") ??
    unknownNode(nodes, connections);
  return problem && `Workflow structure is invalid. ${problem}`;
}

function repeated(nodes: readonly Body[], key: "id" | "name", code: string): string | undefined {
  const seen = new Set<unknown>();
  return first(nodes, (node, at) => {
    if (node[key] === undefined) return undefined;
    if (seen.has(node[key])) return `nodes[${at}].${key} (${code}): Duplicate node ${key}`;
    seen.add(node[key]);
    return undefined;
  });
}

function unknownNode(nodes: readonly Body[], connections: Body): string | undefined {
  const names = new Set(nodes.map((node) => node["name"]));
  const source = Object.keys(connections).find((name) => !names.has(name));
  if (source !== undefined)
    return `connections.${source} (unknown_connection_source): "${source}" does not exist`;
  const target = targetsOf(connections).find((name) => !names.has(name));
  return target === undefined
    ? undefined
    : `connections (unknown_connection_target): "${target}" does not exist`;
}

function targetsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(targetsOf);
  if (!isObject(value)) return [];
  return typeof value["node"] === "string" ? [value["node"]] : Object.values(value).flatMap(targetsOf);
}

function first<T>(items: readonly T[], check: (item: T, at: number) => string | undefined) {
  for (const [at, item] of items.entries()) {
    const problem = check(item, at);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
