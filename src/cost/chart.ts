import type { Projection } from "./cost-view.ts";

export interface ChartPoint {
  departments: number;
  /** Dollars per department and month, everything included. */
  railway: number;
  machines: number;
}

/** The curves that cross at the break-even, as points of a chart. */
export function chartOf({
  points,
  per_department: each,
  fixed,
  break_even_departments: even,
}: Projection): ChartPoint[] {
  const counts = new Set([
    5,
    10,
    20,
    30,
    40,
    60,
    75,
    100,
    200,
    ...points.map(({ departments }) => departments),
  ]);
  if (even !== null) counts.add(even);
  const usd = (once: number, one: number, departments: number) =>
    Math.round((once / departments + one) / 10_000) / 100;
  return [...counts]
    .toSorted((a, b) => a - b)
    .map((departments) => ({
      departments,
      railway: usd(fixed.railway_micro_usd, each.railway.month_micro_usd, departments),
      machines: usd(fixed.machines_micro_usd, each.machines.month_micro_usd, departments),
    }));
}
