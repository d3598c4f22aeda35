import { type AuditEvent, appendAudit } from "../audit/append.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { emitEvent } from "../webhooks/emit.ts";
import { driftedParts, type DriftReport, isInSync } from "./drift-report.ts";

export interface Look {
  department: { id: string; slug: string };
  report: DriftReport;
  /** When it began, as the database wrote it. */
  beganAt: string;
}

/**
 * Stores what a look found, and tells once that a drift began or ended. Answers false, and changes nothing, where the
 * look is overtaken: by a later one, by a run that was at work meanwhile, or because the department is active no more.
 */
export async function storeDrift(sql: Sql, look: Look): Promise<boolean> {
  return withTx(sql, async (tx) => {
    if (!(await isCurrent(tx, look))) return false;
    const { department, report, beganAt } = look;
    const inSync = isInSync(report);
    const [before] = await tx<{ drifted: boolean }[]>`
      select found_at is not null as drifted from federation.drift_report where department_id = ${department.id}`;
    await tx`
      insert into federation.drift_report as r (department_id, in_sync, report, checked_at, found_at)
      values (${department.id}, ${inSync}, ${JSON.stringify(report)}::text::jsonb,
        ${beganAt}::text::timestamptz,
        case when ${inSync}::boolean is false then clock_timestamp() end)
      on conflict (department_id) do update set in_sync = excluded.in_sync, report = excluded.report,
        checked_at = excluded.checked_at, found_at = case when excluded.in_sync then null
          else coalesce(r.found_at, excluded.found_at) end`;
    const began = inSync === false && !before?.drifted;
    const ended = inSync === true && before?.drifted === true;
    if (began || ended) await tell(tx, look, began);
    return true;
  });
}

/** Holds the department, so that no run is submitted before this is stored. */
async function isCurrent(tx: Tx, { department: { id }, beganAt }: Look): Promise<boolean> {
  await tx`select from federation.department where id = ${id} for no key update`;
  const rows = await tx`
    select from federation.department d
    where d.id = ${id} and d.status in ('active', 'degraded') and d.locked_at is null
      and not exists (select from federation.run r where r.department_id = d.id
        and (r.finished_at is null or r.finished_at >= ${beganAt}::text::timestamptz))
      and not exists (select from federation.drift_report r where r.department_id = d.id
        and r.checked_at >= ${beganAt}::text::timestamptz)`;
  return rows.length === 1;
}

async function tell(tx: Tx, { department, report }: Look, began: boolean): Promise<void> {
  const parts = driftedParts(report);
  await emitEvent(tx, {
    type: began ? "department.drifted" : "department.in_sync",
    departmentId: department.id,
    data: { department_id: department.slug, ...(began && { parts }) },
  });
  const event: AuditEvent = {
    stream: department.id,
    actor: "check-drift",
    actorKind: "system",
    action: began ? "department.drift" : "department.in_sync",
    target: department.id,
    decision: "done",
    ...(began && { meta: { parts: parts.join(",") } }),
  };
  await appendAudit(tx, [event]);
}
