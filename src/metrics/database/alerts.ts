import type { Tx } from "../../db/tx.ts";
import { type Family, gauge } from "../format.ts";

interface Row {
  name: string;
  severity: string;
  count: number;
}

/** What the platform itself says is wrong, by the alerts' names. */
export async function alerts(tx: Tx): Promise<Family[]> {
  const rows = await tx<Row[]>`
    select a.name, a.severity, count(*)::float8 as count from federation.alert a where a.status = 'firing'
    group by a.name, a.severity order by a.name, a.severity`;
  return [
    gauge(
      "federation_alerts_firing",
      "Alerts of the platform that fire, by name and severity. No series where none does.",
      rows.map(({ count, ...labels }) => ({ labels: { ...labels }, value: count })),
    ),
  ];
}
