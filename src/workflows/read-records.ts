import type { Sql } from "../db/tx.ts";

export interface N8nRecord {
  kind: "workflow" | "credential";
  id: string;
  name: string;
}

/** What is written down of a department as being in n8n, the oldest first. */
export async function readRecords(sql: Sql, departmentId: string): Promise<N8nRecord[]> {
  const rows = await sql<N8nRecord[]>`
    select kind, external_id as id, name from federation.resource
    where department_id = ${departmentId} and provider = 'n8n' and deleted_at is null order by created_at, id`;
  return [...rows];
}
