import { llm } from "@livekit/agents";
import { isRead } from "../conversation/is-read.ts";
import type { ToolCaller } from "../conversation/create-tool-caller.ts";
import { modelName } from "../conversation/tool-names.ts";
import { problemOf } from "../problem.ts";
import type { OfferedTool } from "../tools/toolbox.ts";

const confirmName = "confirm_action";

/** The offered tools as the model gets them, and the one that confirms; a tool never takes that one's name. */
export function modelTools(offered: readonly OfferedTool[], caller: ToolCaller): llm.ToolContextEntry[] {
  const byName = new Map<string, OfferedTool>();
  for (const tool of offered) {
    const name = modelName(tool.name);
    if (!byName.has(name) && name !== confirmName) byName.set(name, tool);
  }
  return [...[...byName].map(([name, tool]) => modelTool(name, tool, caller)), confirmTool(caller)];
}

const modelTool = (name: string, tool: OfferedTool, caller: ToolCaller) =>
  llm.tool({
    name,
    description: isRead(tool.name)
      ? tool.description
      : `${tool.description} Only proposes; confirm_action runs it.`,
    parameters: { ...tool.input },
    execute: (args) => told(caller.call(tool, { ...args })),
  });

const confirmTool = (caller: ToolCaller) =>
  llm.tool({
    name: confirmName,
    description: "Runs what a tool has proposed. Only after the user has agreed to it.",
    parameters: {
      type: "object",
      properties: { confirmation_id: { type: "string", description: "From the proposal" } },
      required: ["confirmation_id"],
      additionalProperties: false,
    },
    execute: (args, { ctx }) => {
      // What was agreed to runs to its end, and its outcome is told.
      ctx.disallowInterruptions();
      return told(caller.confirm(String(args.confirmation_id)));
    },
  });

/** A refusal or failure in the words of its Problem: the model may say them. */
const told = (answer: Promise<unknown>) =>
  answer.catch((error: unknown) => {
    throw new llm.ToolError(problemOf(error).message);
  });
