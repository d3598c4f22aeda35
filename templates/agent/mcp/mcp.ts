import type { Check } from "../check.ts";
import type { Arguments } from "../schema.ts";

/** A workflow as the MCP server describes it; `input` is its JSON Schema as it came. */
export interface McpTool {
  name: string;
  description: string;
  input: Record<string, unknown>;
}

/** The department's workflows, as tools over the Model Context Protocol. */
export interface Mcp {
  /** The tools as last seen; none before the first answer. */
  known(): readonly McpTool[];
  /** Lists the tools again if the list is old. Never fails: `check` says how it went. */
  refresh(): Promise<void>;
  /** Throws a Problem that may be shown. A call that may have run is never repeated. */
  call(name: string, args: Arguments): Promise<unknown>;
  check(): Promise<Check>;
  close(): Promise<void>;
}
