import { z } from "zod";
import type { VaultPlace } from "../crypto/vault.ts";
import type { Sql, Tx } from "../db/tx.ts";
import { notFound } from "../errors.ts";

function isPlain(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return [username, password, search, hash].every((part) => part === "");
}

/** Where an instance is: http(s), nothing behind the path, in one spelling and without a slash at the end. */
const address = z
  .url({ protocol: /^https?$/ })
  .max(1000)
  .refine(isPlain, "must have no user, query or fragment")
  .transform((text) => new URL(text).href.replace(/\/+$/, ""));

export const instanceInput = z.strictObject({
  base_url: address,
  /** Where it serves webhooks and MCP; `base_url` unless given. */
  webhook_url: address.optional(),
  api_key: z
    .string()
    .max(4000)
    .regex(/^[\x21-\x7e]+$/, "must be visible ASCII"),
});
export type InstanceInput = z.infer<typeof instanceInput>;

const instant = z.string().meta({ format: "date-time" });

/** An instance as it is shown: never its key. */
export const instanceView = z.object({
  id: z.uuid(),
  base_url: z.string(),
  webhook_url: z.string(),
  status: z.enum(["free", "leased", "retired"]),
  department_id: z.uuid().nullable(),
  leased_at: instant.nullable(),
  created_at: instant,
});
export type InstanceView = z.infer<typeof instanceView>;

/** What an instance shows of itself, of `n8n_instance i`. */
export const instanceColumns = (sql: Sql | Tx) => sql`
  i.id, i.base_url, i.webhook_url, i.status, i.department_id, to_json(i.leased_at)#>>'{}' as leased_at,
  to_json(i.created_at)#>>'{}' as created_at`;

/** One instance as it is shown. Throws 404. */
export async function selectInstance(sql: Sql | Tx, id: string): Promise<InstanceView> {
  const [view] = await sql<InstanceView[]>`
    select ${instanceColumns(sql)} from federation.n8n_instance i where i.id = ${id}`;
  if (!view) throw notFound();
  return view;
}

/** The key belongs to the platform: an instance outlives its department. */
export const apiKeyPlace = (id: string): VaultPlace => ({
  table: "n8n_instance",
  column: "api_key_sealed",
  rowId: id,
});
