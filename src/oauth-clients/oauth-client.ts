import { z } from "zod";

/** Google's downloaded JSON of a web client, whole. */
const downloaded = z.strictObject({
  web: z.strictObject({
    client_id: z.string().min(1).max(300),
    client_secret: z.string().min(1).max(500),
    project_id: z.string().min(1).max(200),
    redirect_uris: z.array(z.string().max(2000)).max(100).default([]),
    javascript_origins: z.array(z.string().max(2000)).max(100).optional(),
    auth_uri: z.string().max(2000).optional(),
    token_uri: z.string().max(2000).optional(),
    auth_provider_x509_cert_url: z.string().max(2000).optional(),
  }),
});

const fields = z.strictObject({
  client_id: z.string().min(1).max(300),
  client_secret: z.string().min(1).max(500),
  /** The Cloud project; without one the number at the head of the client's id. */
  project: z.string().min(1).max(200).optional(),
});

/** A client as it is handed in: Google's file as it is, or the fields. */
export const oauthClientInput = z.union([fields, downloaded]);
export type OAuthClientInput = z.infer<typeof oauthClientInput>;

const instant = z.string().meta({ format: "date-time" });

/** A client as it is shown: never its secret. */
export const oauthClientView = z.object({
  id: z.uuid(),
  client_id: z.string(),
  project: z.string(),
  origin: z.enum(["pool", "own"]),
  status: z.enum(["free", "leased", "cooling", "retired"]),
  department_id: z.uuid().nullable(),
  leased_at: instant.nullable(),
  cooling_until: instant.nullable(),
  last_used_at: instant.nullable(),
  created_at: instant,
});
export type OAuthClientView = z.infer<typeof oauthClientView>;
