import type { Demand } from "../approvals/demand.ts";
import { useApproval } from "../approvals/use.ts";
import { withApproval } from "../approvals/with-approval.ts";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict, notFound } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import { isUuid } from "../uuid.ts";
import { countUses } from "./count-uses.ts";

interface Retired {
  stream: string;
  action: string;
}

/**
 * Destroys the wrapped form of a data key that was rotated away, or ends the use of an old KEK (its eight-letter id), for
 * good. Doing it again changes nothing. Throws 409 `key_in_use` with how much needs it, 409 `key_active`, 404, and 403
 * `approval_required` where a second person has to agree.
 */
export async function retireKey(ctx: Ctx, id: string): Promise<void> {
  const demand: Demand = { action: "key-retire", target: id, request: {} };
  await withApproval(ctx, demand, () =>
    withTx(ctx.db.app, async (tx) => {
      const retired = isUuid(id) ? await retireDataKey(tx, id) : await retireKek(ctx, tx, id);
      if (!retired) return;
      const approval = await useApproval(ctx, tx, demand);
      const event = { ...auditActor(ctx), ...retired, target: id, ...(approval && { meta: { approval } }) };
      await appendAudit(tx, [{ ...event, decision: "done" }]);
    }),
  );
}

/** Whoever seals a value holds the key's row: with it in hand, the count is right and stays so. */
async function retireDataKey(tx: Tx, id: string): Promise<Retired | undefined> {
  const [key] = await tx<{ status: string; department: string | null; checks: boolean }[]>`
    select status, department_id as department, purpose <> 'data' as checks from federation.data_key
    where id = ${id} for update`;
  if (!key) throw notFound();
  if (key.status === "destroyed") return undefined;
  if (key.status === "active")
    throw conflict("key_active", "The key is in use for new values; rotate it first.");
  if (key.checks) throw conflict("key_in_use", "The rotation of this key destroys it by itself.");
  const uses = (await countUses(tx, [id])).get(id) ?? 0;
  if (uses > 0) throw conflict("key_in_use", `The key still seals ${uses} values.`);
  await tx`
    update federation.data_key set status = 'destroyed', wrapped = null, destroyed_at = clock_timestamp()
    where id = ${id} and status = 'retiring'`;
  return { stream: key.department ?? PLATFORM_STREAM, action: "key.retire" };
}

async function retireKek(ctx: Ctx, tx: Tx, id: string): Promise<Retired | undefined> {
  const [kek] = await tx<{ retired: boolean }[]>`
    select retired_at is not null as retired from federation.kek_check where kek_id = ${id} for update`;
  if (!kek) throw notFound();
  if (kek.retired) return undefined;
  if (id === ctx.vault.rotation.kekId) throw conflict("key_active", "This KEK wraps new keys.");
  const [wrapped] = await tx<{ keys: number }[]>`
    select count(*)::int as keys from federation.data_key where wrapped is not null and kek_id = ${id}`;
  if (wrapped && wrapped.keys > 0) throw conflict("key_in_use", `The KEK still wraps ${wrapped.keys} keys.`);
  await tx`update federation.kek_check set retired_at = clock_timestamp() where kek_id = ${id}`;
  return { stream: PLATFORM_STREAM, action: "kek.retire" };
}
