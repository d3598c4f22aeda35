import { objectOf } from "../schema.ts";
import { askPlatform } from "./ask-platform.ts";
import { label, limit, offset, reason, words } from "./fields.ts";
import type { Tool } from "./tool.ts";

export const searchDocuments: Tool = {
  name: "search_documents",
  description: "Finds documents of the department by words in their name or text.",
  input: objectOf(
    {
      query: words('Words; "a phrase", or, -without'),
      folder: label(500),
      mime_type: label(200),
      source: label(100),
      limit,
      offset,
      reason,
    },
    ["query"],
  ),
  run: (args, ctx) => askPlatform("search_documents", args, ctx),
};
