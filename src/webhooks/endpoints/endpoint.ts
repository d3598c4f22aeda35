import { z } from "zod";
import { createAllowList } from "../../net/allow-list.ts";
import { findSpecialRange } from "../../net/find-special-range.ts";
import { parseTarget } from "../../net/parse-target.ts";
import type { Ctx } from "../../context.ts";
import type { Sql, Tx } from "../../db/tx.ts";
import { conflict, notFound, unprocessable } from "../../errors.ts";
import { eventTypes } from "../emit.ts";

const line = z
  .string()
  .trim()
  .max(200)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, "must be one line");
const types = z
  .array(z.enum(eventTypes))
  .max(eventTypes.length)
  .transform((names) => [...new Set(names)]);

/** `standard`: signed, as in Standard Webhooks; `slack`: `{text, blocks}` for an incoming webhook, whose URL is a secret. */
const formats = ["standard", "slack"] as const;
export type EndpointFormat = (typeof formats)[number];

export const endpointInput = z.strictObject({
  url: z.string().min(1).max(2000),
  /** Left out or empty = every type. */
  types: types.default([]),
  description: line.default(""),
  /** Hears the events of this department only. Left out by the platform = of all. */
  department_id: z.string().min(1).max(64).optional(),
  /** Stays as it is made. */
  format: z.enum(formats).default("standard"),
});
export type EndpointInput = z.infer<typeof endpointInput>;

export const endpointChange = z.strictObject({
  url: z.string().min(1).max(2000),
  types: types.default([]),
  description: line.default(""),
  status: z.enum(["active", "off"]).default("active"),
});
export type EndpointChange = z.infer<typeof endpointChange>;

export const endpointView = z.object({
  id: z.uuid(),
  /** A callback is the `callback_url` of a department's config. */
  kind: z.enum(["endpoint", "callback"]),
  /** Slug; null = hears of all departments. */
  department_id: z.string().nullable(),
  format: z.enum(formats),
  /** In Slack's format its origin only. */
  url: z.string(),
  description: z.string(),
  types: z.array(z.string()),
  status: z.enum(["active", "off"]),
  off_reason: z.enum(["gone", "failing", "by_hand"]).nullable(),
  failing_since: z.string().nullable(),
  created_at: z.string(),
});
export type EndpointView = z.infer<typeof endpointView>;

/** The only answers that hold the secret. */
export const endpointWithSecret = endpointView.extend({
  /** Null in Slack's format, in which nothing is signed. */
  secret: z.string().nullable(),
});
export type EndpointWithSecret = z.infer<typeof endpointWithSecret>;

/** What `endpointView` shows, of `webhook_endpoint w` and its `department d`. */
export const endpointColumns = (sql: Sql | Tx) => sql`
  w.id, w.kind, d.slug as department_id, w.format, w.url, w.description, w.types, w.status, w.off_reason,
  to_json(w.failing_since)#>>'{}' as failing_since, to_json(w.created_at)#>>'{}' as created_at`;

/** Which endpoints the caller may see: theirs; the platform all. */
export const withinReach = ({ caller }: Ctx, sql: Sql | Tx) =>
  caller.departmentId === undefined ? sql`true` : sql`w.department_id = ${caller.departmentId}`;

export async function readEndpoint(ctx: Ctx, sql: Sql | Tx, id: string): Promise<EndpointView> {
  const [found] = await sql<EndpointView[]>`
    select ${endpointColumns(sql)} from federation.webhook_endpoint w
    left join federation.department d on d.id = w.department_id
    where w.id = ${id} and ${withinReach(ctx, sql)}`;
  if (!found) throw notFound();
  return found;
}

/** Locks an endpoint and answers its department and format. Throws the same 404 for a missing one and another department's. */
export async function lockEndpoint(
  ctx: Ctx,
  tx: Tx,
  id: string,
): Promise<{ department: string | undefined; format: EndpointFormat }> {
  const [found] = await tx<{ department: string | null; kind: string; format: EndpointFormat }[]>`
    select w.department_id as department, w.kind, w.format from federation.webhook_endpoint w
    where w.id = ${id} and ${withinReach(ctx, tx)} for no key update`;
  if (!found) throw notFound();
  if (found.kind === "callback")
    throw conflict("is_callback", "This is the callback_url of a department; change its config.");
  return { department: found.department ?? undefined, format: found.format };
}

/** Throws 422 `outbound_url_refused` for a URL that could never be called; its name is resolved when it is. */
export function checkUrl(ctx: Ctx, url: string): string {
  const target = parseTarget(url);
  const allow = createAllowList(ctx.config.outboundAllow);
  const { address } = target;
  const isInside = address && !allow.allowsAddress(address) && findSpecialRange(address) !== undefined;
  if (isInside && !allow.allowsTarget(target)) {
    const message = "is not a public address";
    throw unprocessable("outbound_url_refused", `The URL ${message}.`, [{ path: "url", message }]);
  }
  return target.host;
}
