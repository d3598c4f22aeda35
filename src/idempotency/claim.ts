import type { Sql } from "../db/tx.ts";
import { conflict, unprocessable } from "../errors.ts";
import type { Json } from "../json.ts";
import type { IdempotentRequest } from "./request.ts";

export type Claim =
  { kind: "run"; request: IdempotentRequest } | { kind: "replay"; status: number; body: Json };

const lockSeconds = 60;

/**
 * Lets exactly one of many equal calls run; a later one gets the stored answer. Throws 422 `idempotency_key_reused`
 * for another request under the same key, 409 `idempotency_in_progress` while the first still runs and 409
 * `idempotency_secret` when it answered a secret, which is never stored.
 */
export async function claimIdempotency(
  sql: Sql,
  request: Omit<IdempotentRequest, "lockedUntil">,
): Promise<Claim> {
  const { scope, key, fingerprint } = request;
  const [claimed] = await sql<{ locked_until: string }[]>`
    insert into federation.idempotency_key as k (scope, key, fingerprint, state, locked_until)
    values (${scope}, ${key}, ${fingerprint}, 'running', clock_timestamp() + make_interval(secs => ${lockSeconds}))
    on conflict (scope, key) do update set locked_until = excluded.locked_until
    where k.state = 'running' and k.locked_until <= clock_timestamp() and k.fingerprint = excluded.fingerprint
    returning locked_until::text as locked_until`;
  if (claimed) return { kind: "run", request: { ...request, lockedUntil: claimed.locked_until } };
  return earlierAnswer(sql, request);
}

/** Gives the key back when nothing was stored under it, so that the call can be made again. */
export async function releaseIdempotency(
  sql: Sql,
  { scope, key, lockedUntil }: IdempotentRequest,
): Promise<void> {
  await sql`
    delete from federation.idempotency_key
    where scope = ${scope} and key = ${key} and state = 'running' and locked_until = ${lockedUntil}::text::timestamptz`;
}

async function earlierAnswer(sql: Sql, request: Omit<IdempotentRequest, "lockedUntil">): Promise<Claim> {
  const [earlier] = await sql<{ fingerprint: string; state: string; status: number | null; body: Json }[]>`
    select fingerprint, state, response_status as status, response_body as body from federation.idempotency_key
    where scope = ${request.scope} and key = ${request.key}`;
  if (earlier && earlier.fingerprint !== request.fingerprint) {
    throw unprocessable("idempotency_key_reused", "The Idempotency-Key was used for another request.");
  }
  if (earlier?.state === "secret") {
    throw conflict(
      "idempotency_secret",
      "The call was made before; what it answered is a secret and not kept.",
    );
  }
  if (earlier?.state === "done" && earlier.status !== null) {
    return { kind: "replay", status: earlier.status, body: earlier.body };
  }
  throw conflict("idempotency_in_progress", "A request with this Idempotency-Key is still running.");
}
