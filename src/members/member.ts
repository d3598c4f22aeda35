import { z } from "zod";
import { emailAddress } from "../config-schema/department.ts";
import { roles } from "./scopes.ts";

export const memberInput = z
  .strictObject({
    email: emailAddress,
    role: z.enum(roles),
    department_id: z.string().min(1).max(64).optional(),
  })
  .refine((member) => (member.role === "department_admin") === (member.department_id !== undefined), {
    path: ["department_id"],
    message: "belongs to a department_admin, and to nobody else",
  });
export type MemberInput = z.infer<typeof memberInput>;

export const memberView = z.object({
  id: z.uuid(),
  email: z.string(),
  role: z.enum(roles),
  /** Slug; null for people of the platform. */
  department_id: z.string().nullable(),
  created_at: z.string(),
  disabled_at: z.string().nullable(),
});
export type MemberView = z.infer<typeof memberView>;
