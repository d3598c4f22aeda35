import type { Platform } from "../platform.ts";
import type { Arguments, ObjectSchema } from "../schema.ts";

export interface ToolContext {
  departmentId: string;
  platform: Platform;
}

/** One thing the assistant can do; `run` gets arguments that fit `input`. */
export interface Tool {
  name: string;
  description: string;
  input: ObjectSchema;
  run(args: Arguments, ctx: ToolContext): Promise<unknown>;
}
