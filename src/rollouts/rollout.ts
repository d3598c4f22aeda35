import { z } from "zod";
import type { Sql, Tx } from "../db/tx.ts";
import { notFound } from "../errors.ts";

const rolloutStatuses = ["running", "paused", "rolling_back", "succeeded", "stopped", "rolled_back"] as const;
const placeStatuses = [
  "pending",
  "upgrading",
  "done",
  "failed",
  "rolling_back",
  "rolled_back",
  "skipped",
] as const;

const instant = z.string().meta({ format: "date-time" });

export const rolloutView = z.object({
  id: z.uuid(),
  /** Name of the release. */
  release: z.string(),
  status: z.enum(rolloutStatuses),
  /** The batch under way, of how many. */
  batch: z.int(),
  batches: z.int(),
  batch_size: z.int(),
  failures_max: z.int(),
  gate_seconds: z.int(),
  /** How long the batch under way has to stay well; null until its upgrades ended. */
  gate_until: instant.nullable(),
  rollback: z.enum(["failed", "all"]),
  /** Why it stopped. */
  reason: z.string().nullable(),
  /** How many departments are where. */
  departments: z.object(Object.fromEntries(placeStatuses.map((status) => [status, z.int()]))),
  created_by: z.string(),
  created_at: instant,
  finished_at: instant.nullable(),
});
export type RolloutView = z.infer<typeof rolloutView>;

export const rolloutDetail = rolloutView.extend({
  items: z.array(
    z.object({
      department_id: z.string(),
      batch: z.int(),
      status: z.enum(placeStatuses),
      release_before: z.string().nullable(),
      release_after: z.string().nullable(),
      /** The run that brought it there, and the one that took it back. */
      run_id: z.uuid().nullable(),
      rollback_run_id: z.uuid().nullable(),
      error: z.string().nullable(),
    }),
  ),
});
export type RolloutDetail = z.infer<typeof rolloutDetail>;

/** What a rollout shows of itself, of `rollout o` joined with `release r`. */
export const rolloutColumns = (sql: Sql | Tx) => sql`
  o.id, r.name as release, o.status, o.batch, o.batch_size, o.failures_max, o.gate_seconds, o.rollback, o.reason,
  to_json(o.gate_until)#>>'{}' as gate_until,
  coalesce((select max(p.batch) from federation.rollout_department p where p.rollout_id = o.id), 0) as batches,
  (select jsonb_object_agg(s.status, (select count(*) from federation.rollout_department p
      where p.rollout_id = o.id and p.status = s.status))
    from unnest(${[...placeStatuses]}::text[]) as s (status)) as departments,
  o.created_by, to_json(o.created_at)#>>'{}' as created_at, to_json(o.finished_at)#>>'{}' as finished_at`;

/** One rollout as it is shown. Throws 404. */
export async function selectRollout(sql: Sql | Tx, id: string): Promise<RolloutView> {
  const [view] = await sql<RolloutView[]>`
    select ${rolloutColumns(sql)} from federation.rollout o join federation.release r on r.id = o.release_id
    where o.id = ${id}`;
  if (!view) throw notFound();
  return view;
}
