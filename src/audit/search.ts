import { z } from "zod";
import type { Ctx } from "../context.ts";
import { badRequest } from "../errors.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { readOnRecord } from "./read-on-record.ts";

const instant = z.iso.datetime({ offset: true });

export const auditQuery = z.strictObject({
  department_id: z.string().min(1).max(64).optional(),
  actor: z.string().min(1).max(200).optional(),
  /** Whole, or with a `.` at its end the beginning: `gateway.`. */
  action: z
    .string()
    .regex(/^[a-z0-9_.]{1,100}$/)
    .optional(),
  decision: z.enum(["allowed", "denied", "limited", "done", "failed"]).optional(),
  target: z.string().min(1).max(200).optional(),
  request_id: z.uuid().optional(),
  from: instant.optional(),
  until: instant.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(100).optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

const auditEvent = z.object({
  stream: z.uuid(),
  seq: z.int(),
  at: z.string(),
  actor: z.string(),
  actor_kind: z.string(),
  action: z.string(),
  target: z.string().nullable(),
  department: z.uuid().nullable(),
  decision: z.string(),
  reason: z.string().nullable(),
  request_id: z.uuid().nullable(),
  meta: z.record(z.string(), z.json()),
  hash: z.string(),
});
export const auditPage = z.object({ items: z.array(auditEvent), next_cursor: z.string().nullable() });
export type AuditPage = z.infer<typeof auditPage>;

/**
 * Events, newest first, a page at a time; the search itself is on record. A department's people see their own stream.
 * Throws 404 for another department, 400 `bad_cursor`.
 */
export async function searchAudit(ctx: Ctx, query: AuditQuery): Promise<AuditPage> {
  const wanted =
    query.department_id === undefined ? undefined : (await resolveDepartment(ctx, query.department_id)).id;
  const { limit, cursor: _, ...filters } = query;
  const streams = await readOnRecord(ctx, {
    action: "audit.search",
    meta: { filters: JSON.stringify(filters) },
  });
  const stream = wanted ?? streams?.[0];
  const rows = await select(ctx, query, stream);
  const items = rows
    .slice(0, limit)
    .map(({ at_us: _us, meta, ...row }) => ({ ...row, meta: JSON.parse(meta) }));
  const last = rows[limit - 1];
  const more = rows.length > limit && last !== undefined;
  return { items, next_cursor: more ? `${last.at_us}.${last.stream}.${last.seq}` : null };
}

type Row = Omit<z.infer<typeof auditEvent>, "meta"> & { at_us: number; meta: string };

async function select(ctx: Ctx, query: AuditQuery, stream: string | undefined): Promise<Row[]> {
  const sql = ctx.db.app;
  const { actor, action, decision, target, request_id: request, from, until, limit } = query;
  const before = readCursor(query.cursor);
  const micros = (text: string) => Date.parse(text) * 1000;
  const rows = await sql<Row[]>`
    select e.stream, e.seq::float8 as seq, e.at_us::float8 as at_us, to_json(to_timestamp(e.at_us / 1000000.0))#>>'{}' as at,
      e.actor, e.actor_kind, e.action, e.target, e.department, e.decision, e.reason, e.request_id, e.meta,
      encode(e.hash, 'hex') as hash
    from audit.event e
    where ${stream === undefined ? sql`true` : sql`e.stream = ${stream}`}
      and ${actor === undefined ? sql`true` : sql`e.actor = ${actor}`}
      and ${action === undefined ? sql`true` : action.endsWith(".") ? sql`starts_with(e.action, ${action})` : sql`e.action = ${action}`}
      and ${decision === undefined ? sql`true` : sql`e.decision = ${decision}`}
      and ${target === undefined ? sql`true` : sql`e.target = ${target}`}
      and ${request === undefined ? sql`true` : sql`e.request_id = ${request}`}
      and ${from === undefined ? sql`true` : sql`e.at_us >= ${micros(from)}`}
      and ${until === undefined ? sql`true` : sql`e.at_us < ${micros(until)}`}
      and ${before === undefined ? sql`true` : sql`(e.at_us, e.stream, e.seq) < (${before.atUs}::bigint, ${before.stream}::uuid, ${before.seq}::bigint)`}
    order by e.at_us desc, e.stream desc, e.seq desc limit ${limit + 1}`;
  return [...rows];
}

function readCursor(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const [, atUs, stream, seq] = /^(\d{1,16})\.([0-9a-f-]{36})\.(\d{1,16})$/.exec(cursor) ?? [];
  if (!atUs || !seq || !z.uuid().safeParse(stream).success)
    throw badRequest("bad_cursor", "The cursor is not one of ours.");
  return { atUs, stream: stream ?? "", seq };
}
