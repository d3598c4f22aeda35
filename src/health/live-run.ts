import type { Sql, Tx } from "../db/tx.ts";

/** True while a run works on the department `d`: what is half done is not unwell. */
export const liveRun = (sql: Sql | Tx) => sql`
  exists (select from federation.run r where r.department_id = d.id
    and r.status in ('queued', 'running', 'waiting', 'rolling_back'))`;
