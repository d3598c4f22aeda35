/**
 * Takes away what a department's definition does not keep any longer, in batches, as the department's own role. Every
 * batch is one transaction with its entry in the trail, so a kill loses nothing and the next run goes on. What is locked,
 * suspended or going is left alone.
 */
import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { readDefinition } from "../departments/config/read-definition.ts";
import { type Department, resolveDepartment } from "../departments/resolve.ts";
import { conflict } from "../errors.ts";
import { withDepartment } from "../gateway/with-department.ts";
import { auditActor } from "../members/audit-actor.ts";
import { type RetainedTable, type RetentionReport, type RetentionRule, rulesOf } from "./retention.ts";

export interface RetentionOptions {
  dryRun: boolean;
  batchRows?: number;
  /** After so many the rest is left to the next run. */
  batchesMax?: number;
}

type Due = RetentionRule & { before: Date };

/** Throws 409 `department_not_ready` for a department that is not active, or locked. */
export async function applyRetention(
  ctx: Ctx,
  idOrSlug: string,
  { dryRun, batchRows = 1000, batchesMax = Number.POSITIVE_INFINITY }: RetentionOptions,
): Promise<RetentionReport> {
  const department = await readyDepartment(ctx, idOrSlug);
  const rules = rulesOf(await readDefinition(ctx.db.app, department.id));
  const due = rules.map((rule) => ({ ...rule, before: new Date(Date.now() - rule.days * 86_400_000) }));
  const report = await begin(ctx, department, dryRun);
  report.tables = await asDepartment(ctx, department, (tx) => count(tx, department, due));
  if (dryRun) {
    report.complete = report.tables.every(({ rows }) => rows === 0);
    await store(ctx, report);
    return report;
  }
  report.tables = report.tables.map((table) => ({ ...table, rows: 0 }));
  for (let batch = 0; batch < batchesMax && !report.complete; batch++) {
    await readyDepartment(ctx, department.id);
    const gone = await asDepartment(ctx, department, (tx) =>
      takeAway(tx, ctx, { department, due, batchRows, reportId: report.id }),
    );
    report.tables = report.tables.map((table) => ({
      ...table,
      rows: table.rows + (gone.get(table.table) ?? 0),
    }));
    report.complete = gone.size === 0;
    await store(ctx, report);
  }
  return report;
}

async function readyDepartment(ctx: Ctx, idOrSlug: string): Promise<Department> {
  const department = await resolveDepartment(ctx, idOrSlug);
  if (!["active", "degraded"].includes(department.status) || department.lockedAt)
    throw conflict("department_not_ready", "The department is not active, or locked.");
  return department;
}

async function begin(ctx: Ctx, { id: departmentId }: Department, dryRun: boolean): Promise<RetentionReport> {
  const id = Bun.randomUUIDv7();
  return withTx(ctx.db.app, async (tx) => {
    const [row] = await tx<{ at: string }[]>`
      insert into federation.retention_report (id, department_id, dry_run, tables)
      values (${id}, ${departmentId}, ${dryRun}, '[]') returning to_json(at)#>>'{}' as at`;
    const event = { ...auditActor(ctx), stream: departmentId, action: "retention.begin", target: id };
    await appendAudit(tx, [{ ...event, decision: "allowed", meta: { dry_run: dryRun } }]);
    return { id, at: row?.at ?? "", dry_run: dryRun, complete: false, tables: [] };
  });
}

const store = ({ db }: Ctx, { id, complete, tables }: RetentionReport) => db.app`
  update federation.retention_report set complete = ${complete}, tables = ${db.app.json(tables)} where id = ${id}`;

function asDepartment<T>(ctx: Ctx, department: Department, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const own = { sql: ctx.db.gateway, seal: (id: string) => ctx.vault.sealOwnContext(id) };
  return withDepartment(own, department, fn);
}

/** `$1` is the instant. Names come from the rules and the department's generated schema only. */
const oldRows = ({ schemaName }: Department, { table, age, only }: RetentionRule, ahead: boolean) =>
  `from ${schemaName}.${table} r where r.${age} < $1${only ? ` and ${only(schemaName, ahead)}` : ""}`;

async function count(tx: Tx, department: Department, due: Due[]): Promise<RetainedTable[]> {
  const tables: RetainedTable[] = [];
  for (const rule of due) {
    const [row] = await tx.unsafe<{ rows: number; oldest: string | null }[]>(
      `select count(*)::int as rows, to_json(min(r.${rule.age}))#>>'{}' as oldest ${oldRows(department, rule, true)}`,
      [rule.before],
    );
    tables.push({
      table: rule.table,
      before: rule.before.toISOString(),
      rows: row?.rows ?? 0,
      oldest: row?.oldest ?? null,
    });
  }
  return tables;
}

interface Batch {
  department: Department;
  due: Due[];
  batchRows: number;
  reportId: string;
}

/** Deletes up to `batchRows` of each table and puts it on record; answers the counts above zero. */
async function takeAway(tx: Tx, ctx: Ctx, { department, due, batchRows, reportId }: Batch) {
  const gone = new Map<string, number>();
  for (const rule of due) {
    const place = `${department.schemaName}.${rule.table}`;
    const deleted = await tx.unsafe(
      `delete from ${place} where ${rule.key} in
        (select r.${rule.key} ${oldRows(department, rule, false)} order by r.${rule.age} limit ${batchRows})`,
      [rule.before],
    );
    if (deleted.count > 0) gone.set(rule.table, deleted.count);
  }
  if (gone.size === 0) return gone;
  const { actor, actorKind } = auditActor(ctx);
  await tx`set local role none`;
  await tx`select gateway.record_retention(${department.id}, ${actor}, ${actorKind}, ${reportId},
    ${tx.json(Object.fromEntries(gone))})`;
  return gone;
}
