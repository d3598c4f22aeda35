import type { JsonObject } from "../json.ts";
import type { WorkflowNode } from "../providers/n8n/n8n.ts";
import type { CredentialKey } from "./rendered-workflow.ts";

/** A node before it has an id, a place and a department. */
export interface DraftNode {
  name: string;
  type: string;
  typeVersion: number;
  parameters: JsonObject;
  credential?: CredentialKey;
  onError?: NonNullable<WorkflowNode["onError"]>;
  notes?: string;
  /** n8n gives it an id of its own for a webhook unless it has one. */
  isWebhook?: boolean;
}

export interface Draft {
  /** In the order of reading. */
  nodes: DraftNode[];
  /** What follows each output of a node. */
  links: Record<string, readonly (string | null)[]>;
  linkType: "main" | "ai_tool";
}
