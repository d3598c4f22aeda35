import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { conflict } from "../errors.ts";

/** A call that carries an Idempotency-Key and has been let in to run. */
export interface IdempotentRequest {
  /** Caller and route: the same key of somebody else is another key. */
  scope: string;
  key: string;
  fingerprint: string;
  /** Names this holder: who took an expired lock over has another one. */
  lockedUntil: string;
}

/**
 * Stores the answer in the verb's own transaction, so that effect and memory of it commit together. Throws 409
 * `idempotency_lost` when the lock expired and somebody else runs the call: the transaction must not commit.
 */
export async function completeIdempotency(
  tx: Tx,
  ctx: Pick<Ctx, "idempotency">,
  status: number,
  body: object,
): Promise<void> {
  if (!ctx.idempotency) return;
  const { scope, key, lockedUntil } = ctx.idempotency;
  const stored = await tx`
    update federation.idempotency_key set state = 'done', response_status = ${status}, response_body = ${tx.json(body as never)}
    where scope = ${scope} and key = ${key} and state = 'running' and locked_until = ${lockedUntil}::text::timestamptz`;
  if (stored.count === 0) throw lostLock();
}

/** As `completeIdempotency` for a call that minted a secret: remembers that it ran, never what it answered. */
export async function completeSecret(tx: Tx, ctx: Pick<Ctx, "idempotency">): Promise<void> {
  if (!ctx.idempotency) return;
  const { scope, key, lockedUntil } = ctx.idempotency;
  const stored = await tx`
    update federation.idempotency_key set state = 'secret'
    where scope = ${scope} and key = ${key} and state = 'running' and locked_until = ${lockedUntil}::text::timestamptz`;
  if (stored.count === 0) throw lostLock();
}

const lostLock = () =>
  conflict("idempotency_lost", "The call took too long and was taken over by a repetition of it.");
