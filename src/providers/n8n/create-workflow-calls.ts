import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { createPublication } from "./create-publication.ts";
import { abortedError, type N8nRequest } from "./create-request.ts";
import { listPages } from "./list-pages.ts";
import { N8nError } from "./n8n-error.ts";
import type { N8nClient, RemoteWorkflow, WorkflowDefinition, WorkflowNode } from "./n8n.ts";
import { objectPath } from "./object-path.ts";
import { objectReply, workflowReply } from "./replies.ts";
import { resetSettings } from "./reset-settings.ts";

type WorkflowCalls = Pick<N8nClient, Extract<keyof N8nClient, `${string}Workflow` | `${string}Workflows`>>;

/** The half of N8nClient that is about workflows. A delete gives up `deleteMs` after it began. */
export function createWorkflowCalls(request: N8nRequest, deleteMs: number): WorkflowCalls {
  const publication = createPublication(request);
  const get = (id: string, signal: AbortSignal) => getWorkflow(request, id, signal);
  return {
    listWorkflows: (signal, filter) => listWorkflows(request, signal, filter?.name),
    getWorkflow: get,
    createWorkflow: (definition, signal) =>
      request({ method: "POST", path: "/workflows", body: bodyOf(definition), signal }, workflowReply),
    async updateWorkflow(id, definition, signal) {
      const present = await get(id, signal);
      if (!present) throw new N8nError("not_found");
      const settings = resetSettings(present.settings, definition.settings);
      const body = bodyOf({ ...definition, settings });
      const path = objectPath("workflows", id);
      return await request({ method: "PUT", path, body, conflict: "path_conflict", signal }, workflowReply);
    },
    publishWorkflow: (id, signal) => publication("publish", id, signal),
    unpublishWorkflow: (id, signal) => publication("unpublish", id, signal),
    async deleteWorkflow(id, signal) {
      await untilUnpublished(deleteMs, signal, async () => {
        await unlessGone(() => publication("unpublish", id, signal));
        await unlessGone(async () => {
          const path = objectPath("workflows", id);
          const call = { method: "DELETE", path, conflict: "still_published", signal } as const;
          await request(call, objectReply);
        });
      });
    },
  };
}

/** An older n8n (2.8) takes `name` for a part of the name. */
async function listWorkflows(
  request: N8nRequest,
  signal: AbortSignal,
  name?: string,
): Promise<RemoteWorkflow[]> {
  const query = { excludePinnedData: "true", ...(name !== undefined && { name }) };
  const rows = await listPages(request, "/workflows", query, signal);
  const named = z.object({ name: z.literal(name ?? "") });
  const wanted = name === undefined ? rows : rows.filter((row) => named.safeParse(row).success);
  const byId = new Map<string, RemoteWorkflow>();
  for (const row of wanted) {
    const { success, data } = workflowReply.safeParse(row);
    if (!success) throw new N8nError("malformed", { detail: "a workflow in the list" });
    byId.set(data.id, data);
  }
  return [...byId.values()];
}

async function getWorkflow(
  request: N8nRequest,
  id: string,
  signal: AbortSignal,
): Promise<RemoteWorkflow | undefined> {
  try {
    const path = objectPath("workflows", id);
    return await request(
      { method: "GET", path, query: { excludePinnedData: "true" }, signal },
      workflowReply,
    );
  } catch (error) {
    if (error instanceof N8nError && error.kind === "not_found") return undefined;
    throw error;
  }
}

/** A workflow that was read has keys that n8n does not take back. */
const bodyOf = ({ name, nodes, connections, settings }: WorkflowDefinition) => ({
  name,
  nodes: nodes.map(withWebhookId),
  connections,
  settings,
});

/** As newer ones do by themselves: without it n8n 2.8 serves a path below the workflow's id and the node's name. */
const withWebhookId = (node: WorkflowNode): WorkflowNode =>
  typeof node.parameters["path"] === "string" ? { webhookId: crypto.randomUUID(), ...node } : node;

/** n8n takes a workflow's triggers down after its answer, mostly within half a second. */
async function untilUnpublished(
  limitMs: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  const startedMs = performance.now();
  for (let waitMs = 100; ; waitMs = Math.min(1500, waitMs * 2)) {
    try {
      return await work();
    } catch (error) {
      const isEarly = error instanceof N8nError && error.kind === "still_published";
      if (!isEarly || performance.now() - startedMs + waitMs > limitMs) throw error;
    }
    await sleep(waitMs, undefined, { signal }).catch(() => {
      throw abortedError(signal);
    });
  }
}

async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof N8nError) || error.kind !== "not_found") throw error;
  }
}
