import { z } from "zod";
import type { DepartmentConfig } from "../config-schema/department.ts";

export const retainedTable = z.object({
  table: z.string(),
  /** What is older goes. */
  before: z.string(),
  rows: z.int(),
  oldest: z.string().nullable(),
});
export type RetainedTable = z.infer<typeof retainedTable>;

export const retentionReport = z.object({
  id: z.uuid(),
  at: z.string(),
  dry_run: z.boolean(),
  /** Whether nothing older was left. */
  complete: z.boolean(),
  tables: z.array(retainedTable),
});
export type RetentionReport = z.infer<typeof retentionReport>;

export interface RetentionRule {
  table: string;
  key: string;
  /** What an entry's age is counted from. */
  age: string;
  days: number;
  /** Further conditions, with `r` for the row; `schema` is a checked name. `ahead`: as if the rules before were done. */
  only?: (schema: string, ahead: boolean) => string;
}

// A conversation goes once all of it is old; the row that stands for "no session" is none.
const isOver = (schema: string, ahead: boolean) => `r.id <> '00000000-0000-0000-0000-000000000000'
  and (r.ended_at is null or r.ended_at < $1)
  and not exists (select from ${schema}.message m where m.session_id = r.id${ahead ? " and m.created_at >= $1" : ""})
  and not exists (select from ${schema}.tool_call c where c.session_id = r.id${ahead ? " and c.created_at >= $1" : ""})`;

/** What a department's definition lets go, in the order in which it has to; empty: everything is kept. */
export function rulesOf({ data_retention: kept }: Pick<DepartmentConfig, "data_retention">): RetentionRule[] {
  const { conversations_days: talk, documents_days: documents } = kept ?? {};
  return [
    ...(talk === undefined
      ? []
      : [
          { table: "tool_call", key: "call_id", age: "created_at", days: talk },
          { table: "message", key: "id", age: "created_at", days: talk },
          { table: "session", key: "id", age: "started_at", days: talk, only: isOver },
        ]),
    ...(documents === undefined
      ? []
      : [
          { table: "file", key: "id", age: "updated_at", days: documents },
          { table: "document", key: "id", age: "updated_at", days: documents },
          { table: "email", key: "id", age: "sent_at", days: documents },
        ]),
  ];
}
