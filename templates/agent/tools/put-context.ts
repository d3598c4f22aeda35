import { objectOf } from "../schema.ts";
import { label, sessionId } from "./fields.ts";
import { textsOf } from "./texts-of.ts";
import type { Tool } from "./tool.ts";

export const putContext: Tool = {
  name: "put_context",
  description: "Keeps a value for the running conversation, for ttl_seconds if told.",
  input: objectOf(
    {
      type: label(100),
      key: label(200),
      value: { description: "Any JSON" },
      ttl_seconds: { type: "integer", minimum: 1, maximum: 2_592_000 },
      session_id: sessionId,
    },
    ["type", "key", "value"],
  ),
  run: ({ value, ttl_seconds, ...names }, { departmentId, platform }) =>
    platform.call({
      method: "PUT",
      path: `/departments/${departmentId}/context`,
      query: textsOf(names),
      body: { value, ttl_seconds },
    }),
};
