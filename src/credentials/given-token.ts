import { z } from "zod";

/** RFC 6749 §5.1, with what the person did not grant. */
export const givenToken = z.object({
  access_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.number().int(),
  scope: z.string(),
  missing_scopes: z.array(z.string()),
});
export type GivenToken = z.infer<typeof givenToken>;
