import { z } from "zod";
import { scopes } from "../members/scopes.ts";

export const apiKeyInput = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must be one line"),
    scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
    expires_in_days: z.int().min(1).max(365),
    /** Whose key it is: a member's, a department's, or (neither) the caller's own. */
    member_id: z.uuid().optional(),
    department_id: z.string().min(1).max(64).optional(),
  })
  .refine((key) => key.member_id === undefined || key.department_id === undefined, {
    path: ["department_id"],
    message: "a key belongs to a member or to a department, not to both",
  });
export type ApiKeyInput = z.infer<typeof apiKeyInput>;

export const apiKeyView = z.object({
  id: z.uuid(),
  key_id: z.string(),
  name: z.string(),
  member_id: z.uuid().nullable(),
  department: z.uuid().nullable(),
  scopes: z.array(z.string()),
  status: z.enum(["pending", "active", "revoked"]),
  created_at: z.string(),
  expires_at: z.string(),
  last_used_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
});
export type ApiKeyView = z.infer<typeof apiKeyView>;

/** The only answer that holds the key itself. */
export const mintedApiKey = apiKeyView.extend({ key: z.string() });
