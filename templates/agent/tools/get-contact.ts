import { objectOf } from "../schema.ts";
import { askPlatform } from "./ask-platform.ts";
import { id, reason } from "./fields.ts";
import type { Tool } from "./tool.ts";

export const getContact: Tool = {
  name: "get_contact",
  description: "Reads everything the department knows about one person.",
  input: objectOf({ id, reason }, ["id"]),
  run: (args, ctx) => askPlatform("get_contact", args, ctx),
};
