import type { Tx } from "../db/tx.ts";
import type { HeldRollout } from "./held-rollout.ts";

/** Who ended well and is not well now failed, too, and goes back. A department that left meanwhile is no failure. */
export async function failAtGate(tx: Tx, { id, batch }: HeldRollout): Promise<void> {
  await tx`
    update federation.rollout_department p set status = 'rolling_back', finished_at = null,
      error = 'health: ' || h.status || ' after the upgrade'
    from federation.department_health h, federation.department d
    where p.rollout_id = ${id} and p.batch = ${batch} and p.status = 'done' and h.department_id = p.department_id
      and h.status in ('failing', 'unhealthy')
      and d.id = p.department_id and d.status in ('active', 'degraded') and d.locked_at is null`;
}
