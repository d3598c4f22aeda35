import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { approvalRequired, type Demand, fingerprintOf, requirePerson } from "./demand.ts";

/**
 * Uses up the approval of this very request of the caller's, in the transaction of what it is for: of two at once one
 * wins, and a rollback gives it back. Answers its id for the record, undefined where the environment does not ask.
 * Throws 403 `approval_required`. Call `demandApproval` before the transaction.
 */
export async function useApproval(ctx: Ctx, tx: Tx, demand: Demand): Promise<string | undefined> {
  if (!ctx.config.fourEyes.includes(demand.action)) return undefined;
  requirePerson(ctx);
  const [used] = await tx<{ id: string }[]>`
    update federation.approval a set status = 'used', used_at = clock_timestamp()
    where a.fingerprint = ${fingerprintOf(demand)} and a.requested_by = ${ctx.caller.id} and a.status = 'approved'
      and a.expires_at > clock_timestamp()
      and exists (select from federation.member m where m.id = a.approved_by and m.disabled_at is null
        and m.role in ('admin', 'operator'))
    returning a.id`;
  if (!used) throw approvalRequired();
  return used.id;
}
