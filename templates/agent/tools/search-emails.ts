import { objectOf } from "../schema.ts";
import { askPlatform } from "./ask-platform.ts";
import { label, limit, offset, reason, time, words } from "./fields.ts";
import type { Tool } from "./tool.ts";

export const searchEmails: Tool = {
  name: "search_emails",
  description: "Finds emails of the department by words, time and sender.",
  input: objectOf(
    {
      query: words('Words; "a phrase", or, -without'),
      from: time,
      until: time,
      sender: label(320),
      limit,
      offset,
      reason,
    },
    ["query"],
  ),
  run: (args, ctx) => askPlatform("search_emails", args, ctx),
};
