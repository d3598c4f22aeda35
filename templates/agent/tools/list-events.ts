import { objectOf } from "../schema.ts";
import { askPlatform } from "./ask-platform.ts";
import { id, limit, reason, time } from "./fields.ts";
import type { Tool } from "./tool.ts";

export const listEvents: Tool = {
  name: "list_events",
  description: "Lists calendar events in order of their start, from now on unless told otherwise.",
  input: objectOf({ from: time, until: time, after_id: id, limit, reason }),
  run: (args, ctx) => askPlatform("list_events", args, ctx),
};
