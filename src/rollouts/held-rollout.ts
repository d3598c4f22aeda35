import type { Sql, Tx } from "../db/tx.ts";
import type { RolloutView } from "./rollout.ts";

/** A rollout whose row the present transaction holds. */
export interface HeldRollout {
  id: string;
  status: RolloutView["status"];
  release: string;
  agentImage: string | null;
  batch: number;
  batches: number;
  batchSize: number;
  /** Seconds since the batch began. */
  batchSeconds: number;
  gate: "unset" | "waiting" | "over";
  gateSeconds: number;
  failuresMax: number;
  rollback: RolloutView["rollback"];
  requestId: string;
}

/** The rollout that is due, unless another worker holds it: the lock is the claim, and ends with whoever has it. */
export async function holdRollout(tx: Tx): Promise<HeldRollout | undefined> {
  const [locked] = await tx<{ id: string }[]>`
    select id from federation.rollout
    where status in ('running', 'paused', 'rolling_back') and wake_at <= clock_timestamp()
    for no key update skip locked`;
  if (!locked) return undefined;
  const [held] = await tx<HeldRollout[]>`
    select o.id, o.status, r.name as release, r.agent_image as "agentImage", o.batch, o.batch_size as "batchSize",
      coalesce((select max(p.batch) from federation.rollout_department p where p.rollout_id = o.id), 0) as batches,
      coalesce(extract(epoch from clock_timestamp() - o.batch_at), 0)::float8 as "batchSeconds",
      case when o.gate_until is null then 'unset' when o.gate_until > clock_timestamp() then 'waiting' else 'over' end
        as gate,
      o.gate_seconds as "gateSeconds", o.failures_max as "failuresMax", o.rollback, o.request_id as "requestId"
    from federation.rollout o join federation.release r on r.id = o.release_id where o.id = ${locked.id}`;
  return held;
}

/** Whether any lives, and is due: one look at an index that has one row at most. */
export async function lookForRollout(sql: Sql): Promise<{ lives: boolean; due: boolean }> {
  const [row] = await sql<{ due: boolean }[]>`
    select wake_at <= clock_timestamp() as due from federation.rollout
    where status in ('running', 'paused', 'rolling_back') and wake_at is not null`;
  return { lives: row !== undefined, due: row?.due ?? false };
}
