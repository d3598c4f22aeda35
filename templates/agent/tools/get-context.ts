import { objectOf } from "../schema.ts";
import { label, sessionId } from "./fields.ts";
import { textsOf } from "./texts-of.ts";
import type { Tool } from "./tool.ts";

export const getContext: Tool = {
  name: "get_context",
  description: "Reads a value that was kept for the running conversation.",
  input: objectOf({ type: label(100), key: label(200), session_id: sessionId }, ["type", "key"]),
  run: (args, { departmentId, platform }) =>
    platform.call({ method: "GET", path: `/departments/${departmentId}/context`, query: textsOf(args) }),
};
