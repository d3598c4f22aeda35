import type { Tx } from "../../db/tx.ts";
import { departmentStatuses } from "../../departments/resolve.ts";
import { type Family, gauge, type Sample } from "../format.ts";

interface Row {
  what: "status" | "health" | "locked" | "drifted" | "unhealthy";
  value: string;
  count: number;
}

const healths = ["unknown", "healthy", "failing", "unhealthy"];

/** Departments by status and health. Only the unhealthy ones have their names in labels, 50 at most. */
export async function departments(tx: Tx): Promise<Family[]> {
  const rows = await tx<Row[]>`
    with department as (
      select d.id, d.slug, d.status, d.locked_at, coalesce(h.status, 'unknown') as health,
        d.status in ('active', 'degraded') and d.locked_at is null as serves
      from federation.department d left join federation.department_health h on h.department_id = d.id)
    select 'status' as what, status as value, count(*)::float8 as count from department group by status
    union all select 'health', health, count(*)::float8 from department where serves group by health
    union all select 'locked', '', count(*)::float8 from department where locked_at is not null and status <> 'deprovisioned'
    union all select 'drifted', '', count(*)::float8 from federation.drift_report where in_sync = false
    union all (select 'unhealthy', slug, 1 from department where serves and health = 'unhealthy' order by slug limit 50)`;
  const counted = (what: Row["what"], label: string, known: readonly string[]): Sample[] =>
    known.map((value) => ({
      labels: { [label]: value },
      value: rows.find((row) => row.what === what && row.value === value)?.count ?? 0,
    }));
  const single = (what: Row["what"]): Sample[] => [
    { value: rows.find((row) => row.what === what)?.count ?? 0 },
  ];
  const unhealthy = rows.filter(({ what }) => what === "unhealthy");
  return [
    gauge(
      "federation_departments",
      "Departments by status.",
      counted("status", "status", departmentStatuses),
    ),
    gauge(
      "federation_departments_health",
      "Departments that serve, by the last looks at them.",
      counted("health", "status", healths),
    ),
    gauge("federation_departments_locked", "Departments in lockdown.", single("locked")),
    gauge(
      "federation_departments_drifted",
      "Departments of which something is not as it should be.",
      single("drifted"),
    ),
    gauge(
      "federation_department_unhealthy",
      "1 for each unhealthy department, 50 at most; a healthy one has no series.",
      unhealthy.map(({ value }) => ({ labels: { department: value }, value: 1 })),
    ),
  ];
}
