import { objectOf } from "../schema.ts";
import { label, sessionId } from "./fields.ts";
import type { Tool } from "./tool.ts";

export const remember: Tool = {
  name: "remember",
  description: "Keeps a fact for later conversations; importance from 1 to 10, 5 if not told.",
  input: objectOf(
    {
      category: label(100),
      content: label(20_000),
      importance: { type: "integer", minimum: 1, maximum: 10 },
      session_id: sessionId,
    },
    ["category", "content"],
  ),
  run: (args, { departmentId, platform }) =>
    platform.call({ method: "PUT", path: `/departments/${departmentId}/memory`, body: args }),
};
