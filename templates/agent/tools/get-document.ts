import { objectOf } from "../schema.ts";
import { askPlatform } from "./ask-platform.ts";
import { id, reason } from "./fields.ts";
import type { Tool } from "./tool.ts";

export const getDocument: Tool = {
  name: "get_document",
  description: "Reads one document: 50,000 characters of its text at a time, from text_offset on.",
  input: objectOf({ id, text_offset: { type: "integer", minimum: 0, maximum: 5_000_000 }, reason }, ["id"]),
  run: (args, ctx) => askPlatform("get_document", args, ctx),
};
