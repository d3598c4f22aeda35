import { type AuditEvent, appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { Holder } from "./claim-rotation.ts";
import type { Rotation } from "./rotation.ts";

/**
 * The rotation's row in the caller's transaction, for whoever holds the lease: what follows commits together with it.
 * Throws `lease_lost` when somebody else carries it now.
 */
export function holdRotation(tx: Tx, holder: Holder, rotation: Rotation) {
  const mine = tx`id = ${rotation.id} and status = 'running' and lease_owner = ${holder.owner}`;
  return {
    /** More is to do; the lease begins anew. */
    async note(progress: { moved: number; cursor: Rotation["cursor"]; idlePasses?: number }): Promise<void> {
      const { moved, cursor, idlePasses = rotation.idlePasses } = progress;
      await held(tx`
        update federation.key_rotation set done = least(total, done + ${moved}), idle_passes = ${idlePasses},
          cursor = ${cursor === null ? null : tx.json({ ...cursor })},
          lease_until = clock_timestamp() + make_interval(secs => ${holder.leaseSeconds})
        where ${mine}`);
    },
    /** Nothing is to do for a while; whoever comes by then goes on. */
    async wait(seconds: number, keys: { fromId?: string; toId?: string } = {}): Promise<void> {
      await held(tx`
        update federation.key_rotation set lease_owner = null, lease_until = null,
          from_id = coalesce(${keys.fromId ?? null}, from_id), to_id = coalesce(${keys.toId ?? null}, to_id),
          not_before = clock_timestamp() + make_interval(secs => ${seconds})
        where ${mine}`);
    },
    async succeed(): Promise<void> {
      await held(tx`
        update federation.key_rotation set status = 'succeeded', done = total, cursor = null, lease_owner = null,
          lease_until = null, finished_at = clock_timestamp()
        where ${mine}`);
      await appendAudit(tx, [rotationEvent(rotation, "done")]);
    },
    async fail(code: string): Promise<void> {
      await held(tx`
        update federation.key_rotation set status = 'failed', error_code = ${code}, lease_owner = null,
          lease_until = null, finished_at = clock_timestamp()
        where ${mine}`);
      await appendAudit(tx, [rotationEvent(rotation, "failed", code)]);
    },
  };
}

async function held(update: Promise<{ count: number }>): Promise<void> {
  const { count } = await update;
  if (count === 0) throw new FederationError("lease_lost", "Another worker carries this rotation on.");
}

/** What a worker says of a rotation. */
function rotationEvent(rotation: Rotation, decision: "done" | "failed", reason?: string): AuditEvent {
  return {
    stream: rotation.departmentId ?? PLATFORM_STREAM,
    actor: "rotate-keys",
    actorKind: "system",
    action: "key.rotate",
    target: rotation.id,
    decision,
    reason,
    meta: { kind: rotation.kind, from: rotation.fromId, to: rotation.toId },
  };
}
