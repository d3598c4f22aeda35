import { objectOf } from "../schema.ts";
import { label, limit, words } from "./fields.ts";
import { textsOf } from "./texts-of.ts";
import type { Tool } from "./tool.ts";

export const recall: Tool = {
  name: "recall",
  description: "Finds facts kept in earlier conversations.",
  input: objectOf({ query: words("Words of the fact"), category: label(100), limit }, ["query"]),
  run: (args, { departmentId, platform }) =>
    platform.call({ method: "GET", path: `/departments/${departmentId}/memory`, query: textsOf(args) }),
};
