import { z } from "zod";
import { canonicalJson, sha256Hex } from "../crypto/canonical-json.ts";
import { secretPlace } from "../departments/department-secret.ts";
import type { Tx } from "../db/tx.ts";
import type { NewCredential } from "../providers/n8n/n8n.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";

/** By key of the credential: what it was last filled with. n8n never shows that, so we remember. */
export type CredentialDigests = Record<string, string>;

const digests = z.record(z.string(), z.string());

export const digestOf = (id: string, { name, type, data }: NewCredential) =>
  sha256Hex(canonicalJson({ id, name, type, data }));

export async function readDigests(ctx: JobContext): Promise<CredentialDigests> {
  const { id } = ctx.run.department;
  const [row] = await ctx.deps.db.app<{ sealed: string }[]>`
    select sealed from federation.department_secret where department_id = ${id} and name = 'n8n_credentials'`;
  if (!row) return {};
  return digests.parse(JSON.parse(await ctx.deps.vault.open(secretPlace(id, "n8n_credentials"), row.sealed)));
}

/** Seals first: no key is looked for inside of a transaction. */
export async function sealDigests(ctx: JobContext, values: CredentialDigests) {
  const { id } = ctx.run.department;
  const sealed = await ctx.deps.vault.seal(secretPlace(id, "n8n_credentials"), JSON.stringify(values));
  return (tx: Tx) => tx`
    insert into federation.department_secret (department_id, name, sealed, created_by_step)
    values (${id}, 'n8n_credentials', ${sealed}, ${ctx.step})
    on conflict (department_id, name) do update set sealed = excluded.sealed, created_at = clock_timestamp()`;
}
