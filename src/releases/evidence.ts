import { z } from "zod";
import type { Sql, Tx } from "../db/tx.ts";
import type { FieldError } from "../errors.ts";

export const evidenceView = z.object({
  /** The newest rollout of the release that brought it to everybody; null while there is none. */
  rollout: z.uuid().nullable(),
  departments: z.array(
    z.object({
      department_id: z.string(),
      host: z.string(),
      /** Since it runs the release and every look at it was good; null when it is not well now. */
      healthy_hours: z.number().nullable(),
    }),
  ),
  healthy_hours_min: z.number(),
  /** What a promotion lacks, but the statement about the tests. */
  missing: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type Evidence = z.infer<typeof evidenceView>;

/** What speaks for a release here: who runs it, since when, and how they are. `healthyHours` is what is asked of each. */
export async function readEvidence(
  sql: Sql | Tx,
  releaseId: string,
  healthyHours: number,
): Promise<Evidence> {
  const [newest] = await sql<{ id: string; status: string }[]>`
    select id, status from federation.rollout where release_id = ${releaseId} order by id desc limit 1`;
  const departments = await sql<Evidence["departments"][number][]>`
    select d.slug as department_id, d.host,
      case when h.status = 'healthy' and d.status = 'active' then trunc(extract(epoch from
        clock_timestamp() - greatest(h.since, rd.finished_at))::numeric / 3600, 2)::float8 end as healthy_hours
    from federation.department d
    join lateral (
      select o.release_id, p.status, p.finished_at, p.release_after from federation.rollout_department p
      join federation.rollout o on o.id = p.rollout_id
      where p.department_id = d.id and p.status <> 'skipped' order by o.id desc limit 1
    ) rd on rd.release_id = ${releaseId} and rd.status = 'done' and rd.release_after = d.release
    left join federation.department_health h on h.department_id = d.id
    where d.status in ('active', 'degraded', 'suspended') order by d.slug`;
  const rollout = newest?.status === "succeeded" ? newest.id : null;
  const facts = { rollout, departments: [...departments], healthy_hours_min: healthyHours };
  return { ...facts, missing: missingOf(facts) };
}

function missingOf({
  rollout,
  departments,
  healthy_hours_min: hours,
}: Omit<Evidence, "missing">): FieldError[] {
  const missing: FieldError[] = [];
  if (rollout === null)
    missing.push({ path: "rollout", message: "its newest rollout has not come to a good end here" });
  if (departments.length === 0) missing.push({ path: "departments", message: "no department runs it" });
  for (const { department_id, healthy_hours } of departments) {
    if (healthy_hours === null) missing.push({ path: department_id, message: "is not well" });
    else if (healthy_hours < hours)
      missing.push({
        path: department_id,
        message: `has been well with it for ${healthy_hours} h of ${hours} h`,
      });
  }
  return missing;
}
