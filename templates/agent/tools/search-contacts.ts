import { objectOf } from "../schema.ts";
import { askPlatform } from "./ask-platform.ts";
import { label, limit, offset, reason, words } from "./fields.ts";
import type { Tool } from "./tool.ts";

export const searchContacts: Tool = {
  name: "search_contacts",
  description: "Finds people the department knows, by words or by their exact email address.",
  input: objectOf({
    query: words("Words of a name, organisation or title"),
    email: label(320),
    limit,
    offset,
    reason,
  }),
  run: (args, ctx) => askPlatform("search_contacts", args, ctx),
};
