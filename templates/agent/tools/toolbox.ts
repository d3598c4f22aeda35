import type { Mcp } from "../mcp/mcp.ts";
import type { Platform } from "../platform.ts";
import type { FieldError } from "../problem.ts";
import { type Arguments, findErrors } from "../schema.ts";
import type { Tool } from "./tool.ts";

/** A tool as the model sees it, whoever carries it out: the platform or one of the department's workflows. */
export interface OfferedTool {
  name: string;
  description: string;
  /** JSON Schema of the arguments. */
  input: object;
  findErrors(args: unknown): FieldError[];
  run(args: Arguments): Promise<unknown>;
}

export interface Toolbox {
  /** Never fails: tools of workflows that cannot be reached are those last seen. */
  list(): Promise<OfferedTool[]>;
  find(name: string): Promise<OfferedTool | undefined>;
  /** Of what was last seen, without asking anybody. */
  names(): string[];
}

export interface ToolboxOptions {
  departmentId: string;
  platform: Platform;
  tools: ReadonlyMap<string, Tool>;
  mcp: Mcp | undefined;
}

/** The platform's tools and the workflows' together; of two with one name the platform's is meant. */
export function createToolbox({ departmentId, platform, tools, mcp }: ToolboxOptions): Toolbox {
  const own = [...tools.values()].map((tool): OfferedTool => ({
    ...tool,
    findErrors: (args) => findErrors(tool.input, args),
    run: (args) => tool.run(args, { departmentId, platform }),
  }));
  const workflows = () => (mcp?.known() ?? []).filter(({ name }) => !tools.has(name));

  async function list(): Promise<OfferedTool[]> {
    await mcp?.refresh();
    const offered = workflows().map((tool): OfferedTool => ({
      ...tool,
      findErrors: (args) => (isObject(args) ? [] : [{ path: "", message: "must be an object" }]),
      run: async (args) => await mcp?.call(tool.name, args),
    }));
    return [...own, ...offered];
  }

  return {
    list,
    async find(name) {
      return own.find((tool) => tool.name === name) ?? (await list()).find((tool) => tool.name === name);
    },
    names: () => [...tools.keys(), ...workflows().map(({ name }) => name)],
  };
}

/** All that is asked here: a workflow checks its own arguments. */
const isObject = (args: unknown) => typeof args === "object" && args !== null && !Array.isArray(args);
