import { z } from "zod";
import type { Ctx } from "../../context.ts";
import type { Sql, Tx } from "../../db/tx.ts";
import { FederationError, notFound } from "../../errors.ts";
import { inboundTypes } from "../inbound/inbound-event.ts";

export const sourceInput = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must be one line"),
  events: z
    .array(z.enum(inboundTypes))
    .min(1)
    .max(inboundTypes.length)
    .transform((names) => [...new Set(names)]),
  /** Whom it speaks for: this department, or (left out, by the platform) the caller. */
  department_id: z.string().min(1).max(64).optional(),
});
export type SourceInput = z.infer<typeof sourceInput>;

export const sourceView = z.object({
  id: z.uuid(),
  name: z.string(),
  member_id: z.uuid().nullable(),
  /** Slug. */
  department_id: z.string().nullable(),
  events: z.array(z.string()),
  status: z.enum(["active", "off"]),
  /** Where the sender posts to. */
  url: z.string(),
  created_at: z.string(),
});
export type SourceView = z.infer<typeof sourceView>;

/** The only answers that hold the secret. */
export const sourceWithSecret = sourceView.extend({ secret: z.string() });

export const inboundPath = "/api/v1/webhooks/n8n";

/** What `sourceView` shows, of `webhook_source o` and its `department d`. */
export const sourceColumns = (ctx: Ctx, sql: Sql | Tx) => sql`
  o.id, o.name, o.member_id, d.slug as department_id, o.events, o.status,
  ${`${ctx.config.publicUrl}${inboundPath}?source=`}::text || o.id as url, to_json(o.created_at)#>>'{}' as created_at`;

/** Which sources the caller may see: the own department's; the platform all. */
export const sourcesWithinReach = ({ caller }: Ctx, sql: Sql | Tx) =>
  caller.departmentId === undefined ? sql`true` : sql`o.department_id = ${caller.departmentId}`;

/** A source that was just stored. */
export async function readSourceView(ctx: Ctx, tx: Tx, id: string): Promise<SourceView> {
  const [found] = await tx<SourceView[]>`
    select ${sourceColumns(ctx, tx)} from federation.webhook_source o
    left join federation.department d on d.id = o.department_id where o.id = ${id}`;
  if (!found) throw new FederationError("internal", "The source was not stored.");
  return found;
}

/** Locks a source and answers its owner. Throws the same 404 for a missing one and another department's. */
export async function lockSource(
  ctx: Ctx,
  tx: Tx,
  id: string,
): Promise<{ department: string | undefined; member: string | undefined }> {
  const [found] = await tx<{ department: string | null; member: string | null }[]>`
    select o.department_id as department, o.member_id as member from federation.webhook_source o
    where o.id = ${id} and ${sourcesWithinReach(ctx, tx)} for no key update`;
  if (!found) throw notFound();
  return { department: found.department ?? undefined, member: found.member ?? undefined };
}
