import type { Tx } from "../../db/tx.ts";
import { type Family, gauge } from "../format.ts";

interface Row {
  of: "rollout" | "department";
  status: string;
  count: number;
}

/** Rollouts by status, and the departments of the one that is under way. */
export async function rollouts(tx: Tx): Promise<Family[]> {
  const rows = await tx<Row[]>`
    select 'rollout' as of, r.status, count(*)::float8 as count from federation.rollout r group by r.status
    union all
    select 'department', d.status, count(*)::float8
    from federation.rollout r join federation.rollout_department d on d.rollout_id = r.id
    where r.status in ('running', 'paused', 'rolling_back') group by d.status`;
  const of = (what: Row["of"]) =>
    rows.filter((row) => row.of === what).map(({ status, count }) => ({ labels: { status }, value: count }));
  return [
    gauge("federation_rollouts", "Rollouts by status.", of("rollout")),
    gauge(
      "federation_rollout_departments",
      "Departments of the rollout that is under way, by status.",
      of("department"),
    ),
  ];
}
