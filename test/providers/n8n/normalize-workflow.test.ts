import { expect, test } from "bun:test";
import type { RemoteWorkflow, WorkflowDefinition, WorkflowNode } from "../../../src/providers/n8n/n8n.ts";
import { normalizeWorkflow } from "../../../src/providers/n8n/normalize-workflow.ts";

const node = (id: string, more: Partial<WorkflowNode> = {}): WorkflowNode => ({
  id,
  name: id,
  type: "n8n-nodes-base.webhook",
  typeVersion: 2.1,
  position: [0, 0],
  parameters: { path: "p" },
  credentials: { httpHeaderAuth: { id: "c", name: "given" } },
  ...more,
});
const ours: WorkflowDefinition = {
  name: "one",
  nodes: [node("a"), node("b")],
  connections: { a: { main: [[{ node: "b", type: "main", index: 0 }]] } },
  settings: { executionOrder: "v1" },
};
const read: RemoteWorkflow = {
  ...ours,
  id: "x",
  active: true,
  isArchived: false,
  hasUnpublishedChanges: false,
};
const [a, b] = [node("a"), node("b")];
const isSame = (other: Partial<WorkflowDefinition>) =>
  Bun.deepEquals(normalizeWorkflow({ ...ours, ...other }), normalizeWorkflow(ours));

const ownChanges: [string, Partial<WorkflowDefinition>][] = [
  ["a webhook id", { nodes: [{ ...a, webhookId: "w" }, b] }],
  [
    "the name of a credential",
    { nodes: [node("a", { credentials: { httpHeaderAuth: { id: "c", name: "x" } } }), b] },
  ],
  ["the order of nodes", { nodes: [b, a] }],
  [
    "what is off or empty",
    { nodes: [{ ...a, disabled: false, notes: "", retryOnFail: false, onError: "stopWorkflow" }, b] },
  ],
  ["tries without a retry", { nodes: [{ ...a, maxTries: 3, waitBetweenTries: 1000 }, b] }],
  [
    "outputs without connections",
    { connections: { a: { main: [[{ node: "b", type: "main", index: 0 }], []] }, b: { main: [[]] } } },
  ],
  [
    "settings that are at their default",
    {
      settings: {
        executionOrder: "v1",
        saveDataErrorExecution: "all",
        callerPolicy: "workflowsFromSameOwner",
      },
    },
  ],
  ["a setting of the editor", { settings: { executionOrder: "v1", binaryMode: "separate" } }],
  ["what only a read workflow has", read],
];

test.each(ownChanges)("%s is no difference", (_name, other) => expect(isSame(other)).toBe(true));

const edits: [string, Partial<WorkflowDefinition>][] = [
  ["another name", { name: "two" }],
  ["a node less", { nodes: [a] }],
  ["another parameter", { nodes: [node("a", { parameters: { path: "q" } }), b] }],
  ["another position", { nodes: [node("a", { position: [1, 0] }), b] }],
  ["another version", { nodes: [node("a", { typeVersion: 2 }), b] }],
  [
    "another credential",
    { nodes: [node("a", { credentials: { httpHeaderAuth: { id: "d", name: "given" } } }), b] },
  ],
  ["no credential", { nodes: [node("a", { credentials: {} }), b] }],
  ["a disabled node", { nodes: [node("a", { disabled: true }), b] }],
  ["a note", { nodes: [node("a", { notes: "n" }), b] }],
  ["other error handling", { nodes: [node("a", { onError: "continueRegularOutput" }), b] }],
  ["a retry", { nodes: [node("a", { retryOnFail: true }), b] }],
  ["a node that runs once", { nodes: [node("a", { executeOnce: true }), b] }],
  ["another connection", { connections: { a: { main: [[{ node: "a", type: "main", index: 0 }]] } } }],
  ["another output", { connections: { a: { main: [[], [{ node: "b", type: "main", index: 0 }]] } } }],
  ["no connection", { connections: {} }],
  ["another setting", { settings: { executionOrder: "v1", saveDataErrorExecution: "none" } }],
  ["a workflow for errors", { settings: { executionOrder: "v1", errorWorkflow: "other" } }],
  ["a setting less", { settings: {} }],
];

test.each(edits)("%s is a difference", (_name, other) => expect(isSame(other)).toBe(false));
