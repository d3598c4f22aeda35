import { z } from "zod";
import { provisionRequest } from "../../config-schema/department.ts";
import { toolResult } from "../../departments/data/tool-result.ts";
import type { Scope } from "../../members/scopes.ts";

const departmentName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,39}$/, "must be the id or slug of a department");
const event = <T extends string, D extends z.ZodType>(type: T, data: D) =>
  z.strictObject({ type: z.literal(type), timestamp: z.string().max(40).optional(), data });

/** What n8n may send; `data` is the body of the call that does the same. */
export const inboundEvent = z.discriminatedUnion("type", [
  event("provision", provisionRequest),
  event(
    "deprovision",
    z.strictObject({
      department_id: departmentName,
      grace_hours: z.number().min(0).max(8760).default(24),
      export: z.boolean().default(true),
    }),
  ),
  event("tool_result", toolResult),
  event("sync", z.record(z.string().max(200), z.json())),
]);
export type InboundEvent = z.infer<typeof inboundEvent>;

export const inboundTypes = ["provision", "deprovision", "sync", "tool_result"] as const;
export type InboundType = (typeof inboundTypes)[number];

/** Who may send an event, as src/http/authorization.ts says it of the calls that do the same. */
export const inboundRights: Record<InboundType, { callers: "platform" | "department"; scope: Scope }> = {
  provision: { callers: "platform", scope: "runs:write" },
  deprovision: { callers: "platform", scope: "runs:write" },
  sync: { callers: "department", scope: "data:write" },
  tool_result: { callers: "department", scope: "data:write" },
};
