import { findDrift, type SchemaReference } from "../db/lint/find-drift.ts";
import type { Sql } from "../db/tx.ts";

/**
 * How each department's schema differs from the template, as lines by schema name: one comparison for all of them, as
 * long as the answer is kept. A schema of another version than the newest has that as its one line.
 */
export async function schemaDrift(sql: Sql, reference: SchemaReference): Promise<Map<string, string[]>> {
  const drifted = new Map<string, string[]>();
  for (const { object, message } of await findDrift(sql, reference))
    drifted.set(object, [...(drifted.get(object) ?? []), message]);
  const outdated = await sql<{ name: string; version: number; state: string }[]>`
    select schema_name as name, schema_version as version, schema_state as state from federation.department
    where schema_state <> 'absent' and (schema_version <> ${reference.version} or schema_state <> 'current')`;
  for (const { name, version, state } of outdated)
    drifted.set(name, [`at version ${version} (${state}), the newest is ${reference.version}`]);
  return drifted;
}
