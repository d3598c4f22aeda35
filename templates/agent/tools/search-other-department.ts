import { objectOf } from "../schema.ts";
import { askPlatform } from "./ask-platform.ts";
import { label, limit, reason, words } from "./fields.ts";
import type { Tool } from "./tool.ts";

const what = { type: "string", maxLength: 20, enum: ["documents", "contacts", "emails"] } as const;

export const searchOtherDepartment: Tool = {
  name: "search_other_department",
  description:
    "Finds documents, contacts or emails of another department, by its short name such as hr, where it has granted that. " +
    "Every question is put on record with its reason.",
  input: objectOf({ department: label(64), what, query: words("Words"), limit, reason }, [
    "department",
    "what",
    "query",
    "reason",
  ]),
  run: ({ department, what: kind, ...params }, ctx) =>
    askPlatform(`search_${String(kind)}`, params, ctx, String(department)),
};
