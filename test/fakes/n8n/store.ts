// What the fake holds; tests look at it and may change it.
import { randomBytes, randomUUID } from "node:crypto";
import type { JsonObject } from "../../../src/json.ts";
import type { WorkflowNode } from "../../../src/providers/n8n/n8n.ts";

export interface Version {
  versionId: string;
  nodes: WorkflowNode[];
  connections: JsonObject;
}

export interface StoredWorkflow extends Version {
  id: string;
  name: string;
  settings: JsonObject;
  isArchived: boolean;
  /** What was published last; what serves is in `registered`. */
  activeVersion: Version | undefined;
  /** Unpublished, and its triggers still up. */
  isUnpublishing: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface StoredCredential {
  id: string;
  name: string;
  type: string;
  data: Record<string, unknown>;
}

/** A trigger that serves, of the version it was published with. */
export interface Registration {
  workflowId: string;
  node: WorkflowNode;
  version: Version;
  /** In 2.8, once a version that could not be published took the place of this one. */
  isBroken?: boolean;
}

export type Store = ReturnType<typeof createStore>;

export function createStore() {
  return {
    workflows: new Map<string, StoredWorkflow>(),
    credentials: new Map<string, StoredCredential>(),
    /** By `<method> <path>`, over the whole instance. */
    registered: new Map<string, Registration>(),
    /** MCP sessions and the path each belongs to. */
    sessions: new Map<string, string>(),
  };
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 16 letters and digits. */
export const newId = () => [...randomBytes(16)].map((byte) => alphabet[byte % alphabet.length]).join("");
export const newUuid = () => randomUUID();
