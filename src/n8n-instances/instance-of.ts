import { Secret } from "../crypto/secret.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { apiKeyPlace } from "./instance.ts";

/** How an n8n instance is reached: where, where its webhooks are, and by which key. */
export interface InstanceAccess {
  baseUrl: string;
  webhookUrl: string;
  apiKey: Secret<string>;
}

/** The n8n instance that the department has leased, if it has one of its own. */
export async function instanceOf(
  sql: Sql,
  vault: Pick<Vault, "open">,
  departmentId: string,
): Promise<InstanceAccess | undefined> {
  const [row] = await sql<{ id: string; baseUrl: string; webhookUrl: string; sealed: string }[]>`
    select id, base_url as "baseUrl", webhook_url as "webhookUrl", api_key_sealed as sealed
    from federation.n8n_instance where department_id = ${departmentId}`;
  if (!row) return undefined;
  const { id, baseUrl, webhookUrl, sealed } = row;
  return { baseUrl, webhookUrl, apiKey: new Secret(await vault.open(apiKeyPlace(id), sealed)) };
}
