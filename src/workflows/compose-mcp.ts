import { aboutNode } from "./about-node.ts";
import type { Draft, DraftNode } from "./draft.ts";
import type { Argument, McpTemplate, Operation, WorkflowTemplate } from "./template.ts";

/** A tool workflow that is there already. */
export interface McpTool {
  template: WorkflowTemplate;
  workflowId: string;
}

const server = "Federation";

/** The MCP endpoint: one tool per operation, each of which calls the workflow that does it. */
export function composeMcp(mcp: McpTemplate, tools: McpTool[]): Draft {
  const { template, version, instructions } = mcp;
  const nodes = tools.flatMap((tool) =>
    tool.template.operations.map((operation) => toolNode(operation, tool)),
  );
  return {
    nodes: [
      aboutNode(mcp),
      ...nodes,
      {
        name: server,
        type: "@n8n/n8n-nodes-langchain.mcpTrigger",
        typeVersion: 2,
        parameters: {
          authentication: "bearerAuth",
          path: `{{federation:prefix}}/${template}`,
          instructions,
        },
        credential: "mcp",
        notes: `federation {{federation:department.id}} ${template} v${version}`,
        isWebhook: true,
      },
    ],
    links: Object.fromEntries(nodes.map(({ name }) => [name, [server]])),
    linkType: "ai_tool",
  };
}

/** The name of the node is the name of the tool; what the model fills in is found by n8n in the `$fromAI` calls. */
function toolNode({ name, description, arguments: list }: Operation, tool: McpTool): DraftNode {
  if (!/^[A-Za-z0-9]{1,40}$/.test(tool.workflowId))
    throw new TypeError(`n8n: no id of ${tool.template.template}`);
  const filled = list.map((argument) => [argument.name, fromModel(argument)] as const);
  return {
    name,
    type: "@n8n/n8n-nodes-langchain.toolWorkflow",
    typeVersion: 2.2,
    parameters: {
      description,
      workflowId: { __rl: true, mode: "id", value: tool.workflowId },
      workflowInputs: {
        mappingMode: "defineBelow",
        value: { operation: name, ...Object.fromEntries(filled) },
        matchingColumns: [],
        schema: [column("operation", "string"), ...list.map(({ name: id, type }) => column(id, type))],
        attemptToConvertTypes: false,
        convertFieldsToString: false,
      },
    },
  };
}

/** n8n has no optional arguments, only defaults; the check of the called workflow takes an empty text as "not given". */
function fromModel({ name, type, description, required, default: value, one_of }: Argument): string {
  if (type === "any") throw new TypeError(`templates/n8n: ${name} has no type a language model could fill`);
  const words = one_of ? `${description} One of: ${one_of.join(" | ")}` : description;
  const standard = required ? "" : `, ${type === "string" ? "''" : value}`;
  return `={{ $fromAI('${name}', '${words}', '${type}'${standard}) }}`;
}

const column = (id: string, type: string) => ({
  id,
  displayName: id,
  required: false,
  defaultMatch: false,
  display: true,
  canBeUsedToMatch: true,
  type,
  removed: false,
});
