import type { Tx } from "../../db/tx.ts";
import { type Family, gauge } from "../format.ts";

interface Row {
  waiting: number;
  sending: number;
  failed: number;
  overdue: number;
  off: number;
}

/** Webhooks that have not arrived; failed ones until they are forgotten. */
export async function webhooks(tx: Tx): Promise<Family[]> {
  const [row] = await tx<Row[]>`
    select (count(*) filter (where d.status = 'waiting'))::float8 as waiting,
      (count(*) filter (where d.status = 'sending'))::float8 as sending,
      (count(*) filter (where d.status = 'failed'))::float8 as failed,
      coalesce(greatest(0, extract(epoch from clock_timestamp() - min(d.due_at) filter (where d.status = 'waiting'))),
        0)::float8 as overdue,
      (select count(*) from federation.webhook_endpoint e where e.status = 'off' and e.off_reason <> 'by_hand')::float8 as off
    from federation.webhook_delivery d where d.status <> 'delivered'`;
  const deliveries = (["waiting", "sending", "failed"] as const).map((status) => ({
    labels: { status },
    value: row?.[status] ?? 0,
  }));
  return [
    gauge("federation_webhook_deliveries", "Deliveries that have not arrived, by status.", deliveries),
    gauge(
      "federation_webhook_delivery_overdue_seconds",
      "For how long the oldest delivery is due and waits.",
      [{ value: row?.overdue ?? 0 }],
    ),
    gauge(
      "federation_webhook_endpoints_off",
      "Endpoints switched off because they do not take what is sent.",
      [{ value: row?.off ?? 0 }],
    ),
  ];
}
