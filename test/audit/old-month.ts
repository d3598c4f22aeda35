import { asInsider } from "./trail-world.ts";

/** Three events of January 2020, hashed as append hashes them: its clock is turned back for a moment. */
export async function makeOldMonth(adminUrl: string, stream: string): Promise<void> {
  await asInsider(adminUrl, async (sql) => {
    await sql`create table audit.event_202001 (like audit.event including defaults including constraints)`;
    await sql`alter table audit.event_202001 owner to federation_owner`;
    await sql`alter table audit.event attach partition audit.event_202001
      for values from (1577836800000000) to (1580515200000000)`;
    await sql`create schema turned`;
    await sql`grant usage on schema turned to federation_owner`;
    await sql`create function turned.clock_timestamp() returns timestamptz language sql
      return '2020-01-15 12:00:00+00'::timestamptz`;
    await sql`alter function audit.append(jsonb) set search_path = turned, pg_catalog, pg_temp`;
    const event = (at: number) => ({
      ...{ stream, actor: "old", actor_kind: "system", action: "department.provision", decision: "done" },
      meta: JSON.stringify({ at }),
    });
    await sql`select audit.append(${sql.json([event(1), event(2), event(3)])})`;
    await sql`alter function audit.append(jsonb) set search_path = pg_catalog, pg_temp`;
    await sql`drop schema turned cascade`;
  });
}
