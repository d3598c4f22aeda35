import type { Tx } from "../../db/tx.ts";

/** What a session shows of itself, of `session s`. */
export const sessionColumns = (tx: Tx) => tx`
  s.id, s.room, s.participant, s.channel, to_json(s.started_at)#>>'{}' as started_at,
  to_json(s.ended_at)#>>'{}' as ended_at, s.end_reason`;
