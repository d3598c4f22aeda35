import type { WorkflowDefinition } from "../providers/n8n/n8n.ts";

/** What the templates are filled with. */
export interface WorkflowContext {
  environment: string;
  department: { id: string; slug: string; name: string; suffix: string };
  /** How n8n reaches web, without a slash at the end. */
  federationUrl: string;
  /** Unguessable; every webhook and MCP path begins with it. */
  pathPrefix: string;
  credentials: Record<CredentialKey, { id: string; name: string }>;
  enabledTools: readonly string[];
}

/** `api` for calls to web (httpBearerAuth), `hook` for callers of webhooks (httpHeaderAuth), `mcp` for the endpoint. */
export type CredentialKey = "api" | "hook" | "mcp";

export interface RenderedWorkflow {
  /** Name of its template, such as `calendar`; `mcp` is the composed endpoint. */
  key: string;
  version: number;
  definition: WorkflowDefinition;
  /** What is live once it is published. */
  entry: { kind: "webhook" | "mcp"; path: string };
}
