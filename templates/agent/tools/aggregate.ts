import { objectOf } from "../schema.ts";
import { askPlatform } from "./ask-platform.ts";
import { limit, offset, reason, time } from "./fields.ts";
import type { Tool } from "./tool.ts";

const choice = (...names: string[]) => ({ type: "string", maxLength: 20, enum: names }) as const;

export const aggregate: Tool = {
  name: "aggregate",
  description:
    "Counts: of documents by group_by (with offset), or of activity by bucket between from and until; never contents.",
  input: objectOf(
    {
      of: choice("documents", "activity"),
      group_by: choice("folder", "mime_type", "source", "extraction", "month"),
      bucket: choice("day", "week", "month"),
      from: time,
      until: time,
      limit,
      offset,
      reason,
    },
    ["of"],
  ),
  run: ({ of, ...args }, ctx) =>
    askPlatform(of === "activity" ? "aggregate_activity" : "aggregate_documents", args, ctx),
};
