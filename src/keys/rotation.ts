import { z } from "zod";
import type { Sql, Tx } from "../db/tx.ts";

export const rotationView = z.object({
  id: z.uuid(),
  kind: z.enum(["data", "kek", "gateway_seal", "signing"]),
  department_id: z.uuid().nullable(),
  from_id: z.string().nullable(),
  to_id: z.string().nullable(),
  status: z.enum(["running", "succeeded", "failed"]),
  total: z.int(),
  done: z.int(),
  /** When a worker goes on, at the earliest. */
  next_at: z.string().nullable(),
  error_code: z.string().nullable(),
  created_at: z.string(),
  finished_at: z.string().nullable(),
});
export type RotationView = z.infer<typeof rotationView>;

export const rotationColumns = (sql: Sql | Tx) => sql`
  id, kind, department_id, from_id, to_id, status, total, done,
  case when status = 'running' then to_json(not_before)#>>'{}' end as next_at, error_code,
  to_json(created_at)#>>'{}' as created_at, to_json(finished_at)#>>'{}' as finished_at`;

/** A rotation as a worker holds it. */
export interface Rotation {
  id: string;
  kind: RotationView["kind"];
  departmentId: string | undefined;
  fromId: string | null;
  toId: string | null;
  total: number;
  /** Where the last batch ended. */
  cursor: { column: number; after: string[]; moved: number } | null;
  idlePasses: number;
  /** How old it is, by the database's clock. */
  ageSeconds: number;
}

/** What a batch came to: nothing is left, there is more, or nothing to do for a while. */
export type Outcome = "done" | "more" | { waitSeconds: number };
