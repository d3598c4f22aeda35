import { toolNames } from "../config-schema/department.ts";

export const mcpKey = "mcp";
/** What every department has besides its tools. */
const always = ["session-summary", "callback"];

/** The workflows of a department in the order they are made: the MCP endpoint names the others, so it is the last. */
export function workflowKeys(enabledTools: readonly string[]): string[] {
  return [...toolNames.filter((name) => enabledTools.includes(name)), ...always, mcpKey];
}
