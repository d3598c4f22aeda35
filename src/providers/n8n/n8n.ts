import type { Json, JsonObject } from "../../json.ts";

/** A node as n8n's public API takes it; keys n8n does not know are refused by it. */
export interface WorkflowNode {
  id: string;
  name: string;
  type: string;
  typeVersion: number;
  position: [number, number];
  parameters: JsonObject;
  credentials?: Record<string, { id: string; name: string }>;
  webhookId?: string;
  disabled?: boolean;
  notes?: string;
  onError?: "continueErrorOutput" | "continueRegularOutput" | "stopWorkflow";
  executeOnce?: boolean;
  alwaysOutputData?: boolean;
  retryOnFail?: boolean;
  maxTries?: number;
  waitBetweenTries?: number;
}

/** What a workflow is made of, and all that is compared. */
export interface WorkflowDefinition {
  /** 1 to 128 characters; not unique in n8n. */
  name: string;
  nodes: WorkflowNode[];
  connections: JsonObject;
  settings: JsonObject;
}

export interface RemoteWorkflow extends WorkflowDefinition {
  id: string;
  /** Published; that its triggers are registered is another matter, and comes later. */
  active: boolean;
  isArchived: boolean;
  /** An older version than this one is what is published, as after a conflict of webhook paths (which 2.8 hides). */
  hasUnpublishedChanges: boolean;
}

export interface RemoteCredential {
  id: string;
  name: string;
  type: string;
}

export interface NewCredential {
  /** Kept where n8n lets the caller choose (2.10 and later): 1 to 16 of A-Z a-z 0-9 _ -. */
  id: string;
  /** Unique over the instance: an unknown id would be bound again by name. */
  name: string;
  type: string;
  data: Record<string, Json>;
}

/**
 * n8n's public API, 2.x and older ones. Every method throws an N8nError; deletes treat "already gone" as success, and
 * none of them is repeated by itself: whoever calls finds by name first.
 */
export interface N8nClient {
  /** All pages; archived ones included. With `name`, those of exactly this name. */
  listWorkflows(signal: AbortSignal, filter?: { name?: string }): Promise<RemoteWorkflow[]>;
  getWorkflow(id: string, signal: AbortSignal): Promise<RemoteWorkflow | undefined>;
  createWorkflow(definition: WorkflowDefinition, signal: AbortSignal): Promise<RemoteWorkflow>;
  /** Replaces it; a published one is published again. */
  updateWorkflow(id: string, definition: WorkflowDefinition, signal: AbortSignal): Promise<RemoteWorkflow>;
  publishWorkflow(id: string, signal: AbortSignal): Promise<void>;
  unpublishWorkflow(id: string, signal: AbortSignal): Promise<void>;
  /** Unpublishes first, and asks again while n8n says it is still published. */
  deleteWorkflow(id: string, signal: AbortSignal): Promise<void>;
  listCredentials(signal: AbortSignal): Promise<RemoteCredential[]>;
  /** The id n8n gave it: the wanted one, or another where the caller cannot choose. Throws `exists` for a known id. */
  createCredential(credential: NewCredential, signal: AbortSignal): Promise<RemoteCredential>;
  /** Replaces its data as a whole. */
  updateCredential(id: string, credential: Omit<NewCredential, "id">, signal: AbortSignal): Promise<void>;
  deleteCredential(id: string, signal: AbortSignal): Promise<void>;
}
