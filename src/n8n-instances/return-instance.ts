import type { Tx } from "../db/tx.ts";

export interface ReturnedInstance {
  id: string;
  /** `retired`: somebody has to empty it before it is added again. */
  status: "free" | "retired";
}

/**
 * Takes the department's instance back: free when nothing was ever made in it; else retired and its key destroyed,
 * because executions and credentials of the department lie in it. Its workflows have to be gone by then.
 */
export async function returnInstance(
  tx: Tx,
  departmentId: string,
  wasUsed: boolean,
): Promise<ReturnedInstance | undefined> {
  const [returned] = await tx<ReturnedInstance[]>`
    update federation.n8n_instance set department_id = null, leased_at = null,
      status = ${wasUsed ? "retired" : "free"}, api_key_sealed = case when ${!wasUsed} then api_key_sealed end
    where department_id = ${departmentId} and status = 'leased' returning id, status`;
  return returned;
}
