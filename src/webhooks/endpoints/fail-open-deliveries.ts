import type { Tx } from "../../db/tx.ts";

/** Ends what still waits for an endpoint that is off; what is on its way ends by itself. The caller holds the endpoint. */
export async function failOpenDeliveries(tx: Tx, endpointId: string): Promise<void> {
  await tx`
    update federation.webhook_delivery set status = 'failed', due_at = null, last_error = 'endpoint_off'
    where endpoint_id = ${endpointId} and due_at is not null
      and not (status = 'sending' and due_at > clock_timestamp())`;
}
