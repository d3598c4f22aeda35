import type { z } from "zod";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Config } from "../config.ts";
import type { Ctx } from "../context.ts";
import { canonicalJson, sha256Hex } from "../crypto/canonical-json.ts";
import { type Tx, withTx } from "../db/tx.ts";
import type { versionChange } from "../departments/config/config-change.ts";
import { FederationError, forbidden } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";

export interface Demand {
  action: Config["fourEyes"][number];
  /** What it is done to: an id. */
  target: string;
  departmentId?: string | undefined;
  /** Everything that decides what will happen; another request needs another approval. */
  request: unknown;
  reason?: string | undefined;
  /** For the second person to see: what the request makes of a definition. */
  change?: z.infer<typeof versionChange>;
}

/**
 * Lets the caller go on where the environment asks for a second person and one has approved this very request of
 * theirs, or where it does not ask. Otherwise files the request, once, in a transaction of its own, and throws 403
 * `approval_required` with the approval's id. `useApproval` in the transaction of the effect is what decides.
 */
export async function demandApproval(ctx: Ctx, demand: Demand): Promise<void> {
  if (!ctx.config.fourEyes.includes(demand.action)) return;
  requirePerson(ctx);
  const waiting = await withTx(ctx.db.app, (tx) => fileRequest(ctx, tx, demand));
  if (waiting !== undefined) throw approvalRequired(waiting);
}

/** Machines ask for nothing: what four eyes guard is for people. */
export function requirePerson({ caller }: Ctx): void {
  if (caller.kind !== "member") throw forbidden("not_a_member", "Only a person may ask for this.");
}

export const fingerprintOf = ({ action, target, request }: Demand) =>
  sha256Hex(canonicalJson([action, target, request]));

export function approvalRequired(id?: string): FederationError {
  const message = "This needs the approval of a second person of the platform; then send it again.";
  const errors = id === undefined ? [] : [{ path: "approval", message: id }];
  return new FederationError("approval_required", message, { status: 403, errors });
}

/** The id of the request that waits; undefined when it is approved. */
async function fileRequest(ctx: Ctx, tx: Tx, demand: Demand): Promise<string | undefined> {
  const fingerprint = fingerprintOf(demand);
  const mine = tx`fingerprint = ${fingerprint} and requested_by = ${ctx.caller.id}
    and status in ('requested', 'approved')`;
  await tx`update federation.approval set status = 'expired' where ${mine} and expires_at <= clock_timestamp()`;
  const id = Bun.randomUUIDv7();
  const { action, target, departmentId, reason, change } = demand;
  const filed = await tx`
    insert into federation.approval (id, action, target, department_id, fingerprint, requested_by, reason, change,
      status)
    values (${id}, ${action}, ${target}, ${departmentId ?? null}, ${fingerprint}, ${ctx.caller.id}, ${reason ?? null},
      ${change ? tx.json(change as never) : null}, 'requested')
    on conflict (fingerprint, requested_by) where status in ('requested', 'approved') do nothing`;
  const [open] = await tx<{ id: string; status: string }[]>`
    select id, status from federation.approval where ${mine}`;
  if (filed.count > 0) {
    const event = { ...auditActor(ctx), stream: departmentId ?? PLATFORM_STREAM, action: "approval.request" };
    const meta = { action, for: target, fingerprint };
    await appendAudit(tx, [{ ...event, target: id, decision: "done", reason, meta }]);
  }
  return open?.status === "approved" ? undefined : (open?.id ?? id);
}
