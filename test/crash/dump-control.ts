import type { Installation } from "../helpers/installation.ts";

/** Columns that change by themselves: heartbeats, not effects. */
const heartbeats = ["lease_owner", "lease_until", "last_used_at", "fanned_out_at"];

/** Made by a worker's other duties, some time after its start or after a department is active. */
const ofOthers = [
  ...["audit_key", "department_health", "health_check", "drift_report"],
  ...["alert_turn", "alert_streak", "audit_verification"],
];

/** Every row of the control schema and the head of every audit trail, as sorted lines. */
export async function dumpControl({ sql }: Installation): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = 'federation'::regnamespace and relkind = 'r'
      and relname <> all(${ofOthers}) order by 1`;
  const dumps = tables.map(async ({ name }) => {
    const rows = await sql<{ line: string }[]>`
      select (to_jsonb(t) - ${heartbeats}::text[])::text as line from ${sql(`federation.${name}`)} t`;
    return rows.map(({ line }) => `${name} ${line}`);
  });
  const heads = await sql<{ line: string }[]>`select to_jsonb(h)::text as line from audit.head h`;
  const lines = [...(await Promise.all(dumps)).flat(), ...heads.map(({ line }) => `audit.head ${line}`)];
  return lines.toSorted();
}
