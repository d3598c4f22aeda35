import type { Tx } from "../db/tx.ts";

const coolingDays = 7;

/**
 * Takes the department's client back: free when nobody ever consented through it, else cooling, because the old grants
 * live on at Google for a while; a department's own client ends here with its secret. Answers the client's id at Google.
 */
export async function returnClient(
  tx: Tx,
  departmentId: string,
  wasUsed: boolean,
): Promise<string | undefined> {
  const [returned] = await tx<{ client_id: string }[]>`
    update federation.oauth_client set department_id = null, leased_at = null,
      status = case when origin = 'own' then 'retired' when ${wasUsed} then 'cooling' else 'free' end,
      secret_sealed = case when origin = 'own' then null else secret_sealed end,
      cooling_until = case when origin = 'pool' and ${wasUsed}
        then clock_timestamp() + make_interval(days => ${coolingDays}) end
    where department_id = ${departmentId} and status = 'leased' returning client_id`;
  if (!returned) return undefined;
  await tx`
    update federation.resource set deleted_at = clock_timestamp()
    where department_id = ${departmentId} and provider = 'google' and kind = 'oauth_client'
      and external_id = ${returned.client_id} and deleted_at is null`;
  return returned.client_id;
}
