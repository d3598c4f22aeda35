import { composeMcp } from "./compose-mcp.ts";
import { finishWorkflow } from "./finish-workflow.ts";
import { frameWorkflow } from "./frame-workflow.ts";
import { readMcpTemplate, readTemplate } from "./read-template.ts";
import type { RenderedWorkflow, WorkflowContext } from "./rendered-workflow.ts";
import { mcpKey, workflowKeys } from "./workflow-keys.ts";

export { workflowKeys };

/**
 * The workflow `key` of a department, as data: the template is parsed first, and the department's values are put into
 * values of it, never into its text. `ids` names n8n's ids of the workflows made before, by key; the MCP endpoint calls
 * them. Throws a TypeError for what our own templates, or the caller, must not do.
 */
export function renderWorkflow(
  key: string,
  ctx: WorkflowContext,
  ids: Readonly<Record<string, string>>,
): RenderedWorkflow {
  return key === mcpKey ? renderMcp(ctx, ids) : renderTool(key, ctx);
}

function renderTool(key: string, ctx: WorkflowContext): RenderedWorkflow {
  const template = readTemplate(key);
  return {
    key,
    version: template.version,
    definition: finishWorkflow(frameWorkflow(template), key, ctx),
    entry: { kind: "webhook", path: `${ctx.pathPrefix}/${key}` },
  };
}

function renderMcp(ctx: WorkflowContext, ids: Readonly<Record<string, string>>): RenderedWorkflow {
  const template = readMcpTemplate();
  const tools = workflowKeys(ctx.enabledTools)
    .filter((key) => ctx.enabledTools.includes(key))
    .map((key) => ({ template: readTemplate(key), workflowId: ids[key] ?? "" }));
  return {
    key: mcpKey,
    version: template.version,
    definition: finishWorkflow(composeMcp(template, tools), mcpKey, ctx),
    entry: { kind: "mcp", path: `${ctx.pathPrefix}/${mcpKey}` },
  };
}
