import { z } from "zod";

/** Whole micro-dollars: 1,000,000 are one US dollar. */
const money = z.int();

const costLine = z.object({
  what: z.string(),
  group: z.enum(["hosting", "speech", "model"]),
  quantity: z.number(),
  unit: z.string(),
  price_micro_usd: money,
  month_micro_usd: money,
});
export type CostLine = z.infer<typeof costLine>;

export const estimateView = z.object({
  host: z.string(),
  prices_as_of: z.string(),
  lines: z.array(costLine),
  month_micro_usd: money,
});
export type Estimate = z.infer<typeof estimateView>;

export const actualView = z.object({
  /** First day and last day with figures; UTC. */
  from: z.string(),
  to: z.string(),
  days: z.int(),
  vcpu_minutes: z.number(),
  memory_gb_minutes: z.number(),
  egress_gb: z.number(),
  disk_gb_minutes: z.number(),
  hosting_micro_usd: money.nullable(),
});
export type Actual = z.infer<typeof actualView>;

export const departmentCostView = z.object({
  department_id: z.string(),
  estimate: estimateView,
  /** What the host metered this month; null where it meters nothing. */
  actual: actualView.nullable(),
});
export type DepartmentCost = z.infer<typeof departmentCostView>;

const projected = z.object({
  departments: z.int(),
  railway_micro_usd: money,
  machines_micro_usd: money,
});

export const projectionView = z.object({
  prices_as_of: z.string(),
  /** One more department, without what there is once. */
  per_department: z.object({ railway: estimateView, machines: estimateView }),
  fixed: z.object({ railway_micro_usd: money, machines_micro_usd: money, machines_people_micro_usd: money }),
  points: z.array(projected),
  /** From so many departments on one's own machines cost less; null: never. */
  break_even_departments: z.int().nullable(),
  drivers: z.string(),
});
export type Projection = z.infer<typeof projectionView>;

export const costView = z.object({
  departments: z.array(departmentCostView),
  month_micro_usd: money,
  projection: projectionView,
});
export type Cost = z.infer<typeof costView>;
