import { z } from "zod";

export const tokenRequest = z.strictObject({
  grant_type: z.literal("client_credentials").default("client_credentials"),
  /** The eight letters of the key's id. */
  client_id: z.string().min(1).max(64),
  /** The key's secret part, or the whole key. */
  client_secret: z.string().min(1).max(128),
  /** Separated by spaces; less than the key holds, never more. */
  scope: z.string().max(1000).optional(),
});
export type TokenRequest = z.infer<typeof tokenRequest>;

export const tokenAnswer = z.object({
  access_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: z.int(),
  scope: z.string(),
});
export type TokenAnswer = z.infer<typeof tokenAnswer>;
