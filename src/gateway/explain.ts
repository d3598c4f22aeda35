import { z } from "zod";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { notFound } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";

const decided = z.object({
  at: z.string(),
  query_type: z.string(),
  decision: z.enum(["allowed", "denied", "limited"]),
  /** The grant that allowed it, the kind of limit that refused it, one's own data, or nothing. */
  why: z.enum(["grant", "own_department", "no_grant", "limit"]),
  grant_id: z.string().nullable(),
  limit: z.string().nullable(),
  reason: z.string().nullable(),
  source_department_id: z.string().nullable(),
  /** Null where it would tell the source whether somebody bears the name. */
  target_department_id: z.string().nullable(),
  /** The API key (its id), for the source and the platform. */
  asked_by: z.string().nullable(),
  requester_context: z.record(z.string(), z.string()).nullable(),
  params_sha256: z.string().nullable(),
});

export const explanation = z.object({ query_id: z.uuid(), events: z.array(decided) });
export type Explanation = z.infer<typeof explanation>;

/**
 * How a question was decided and why, to its source, its target and people of the platform; the look is on record
 * before the answer leaves. Throws 404 for every other question.
 */
export async function explainQuestion(ctx: Ctx, queryId: string): Promise<Explanation> {
  return withTx(ctx.db.app, async (tx) => {
    const found = await findEvents(ctx, tx, queryId);
    if (found.length === 0) throw notFound();
    const stream = ctx.caller.departmentId ?? PLATFORM_STREAM;
    const event = { ...auditActor(ctx), stream, action: "gateway.explain", target: queryId };
    await appendAudit(tx, [{ ...event, decision: "done" }]);
    return { query_id: queryId, events: found.map((row) => explain(ctx, row)) };
  });
}

interface Recorded {
  at: string;
  action: string;
  decision: "allowed" | "denied" | "limited";
  reason: string | null;
  actor: string;
  meta: string;
  source: string;
  sourceSlug: string | null;
  target: string | null;
  targetSlug: string | null;
}

async function findEvents({ caller }: Ctx, tx: Tx, queryId: string): Promise<Recorded[]> {
  const own = caller.departmentId ?? null;
  return tx<Recorded[]>`
    select to_json(to_timestamp(e.at_us / 1000000.0))#>>'{}' as at, e.action, e.decision, e.reason, e.actor, e.meta,
      e.stream as source, s.slug as "sourceSlug", e.target, t.slug as "targetSlug"
    from audit.event e
      left join federation.department s on s.id = e.stream left join federation.department t on t.id::text = e.target
    where e.request_id = ${queryId} and e.action like 'gateway.%' and e.decision in ('allowed', 'denied', 'limited')
      and (${own}::uuid is null or e.stream = ${own}::uuid or e.target = ${own}::uuid::text)
    order by e.at_us`;
}

const recordedMeta = z.object({
  grant: z.string().nullish(),
  limit: z.string().nullish(),
  requester: z.record(z.string(), z.string()).nullish(),
  params_sha256: z.string().nullish(),
});

function explain({ caller }: Ctx, row: Recorded): z.infer<typeof decided> {
  const meta = recordedMeta.parse(JSON.parse(row.meta));
  const isSource = caller.departmentId === row.source;
  const isTarget = caller.departmentId !== undefined && !isSource;
  return {
    at: row.at,
    query_type: row.action.replace("gateway.", ""),
    decision: row.decision,
    why: whyOf(row),
    grant_id: meta.grant ?? null,
    limit: meta.limit ?? null,
    reason: row.reason,
    source_department_id: row.sourceSlug,
    target_department_id: isSource && row.decision !== "allowed" ? null : (row.targetSlug ?? row.target),
    asked_by: isTarget ? null : row.actor,
    requester_context: meta.requester ?? null,
    params_sha256: meta.params_sha256 ?? null,
  };
}

function whyOf({ decision, source, target }: Recorded): z.infer<typeof decided>["why"] {
  if (decision === "denied") return "no_grant";
  if (decision === "limited") return "limit";
  return source === target ? "own_department" : "grant";
}
