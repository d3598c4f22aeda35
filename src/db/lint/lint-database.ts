import { type Sql, type Tx, withTx } from "../tx.ts";
import { codeRules } from "./code-rules.ts";
import { findDrift, type SchemaReference } from "./find-drift.ts";
import { grantRules } from "./grant-rules.ts";
import type { Finding, Rule } from "./rule.ts";
import { tableRules } from "./table-rules.ts";

export type { Finding } from "./rule.ts";

/** Every rule of the isolation, checked in the catalog for all departments; `sql` is the provisioner's pool. */
export async function lintDatabase(sql: Sql, reference: SchemaReference): Promise<Finding[]> {
  const [rules, drift] = await Promise.all([checkRules(sql, reference), findDrift(sql, reference)]);
  return [...rules, ...drift];
}

async function checkRules(sql: Sql, reference: SchemaReference): Promise<Finding[]> {
  const rules: Rule[] = [...tableRules, ...grantRules, ...codeRules];
  return await withTx(sql, async (tx) => {
    // Right after many schemas were made the planner takes them for one, and loops over the whole catalog for each.
    await tx`set local enable_nestloop = off`;
    const found = await Promise.all(
      rules.map(async ({ rule, query }) => {
        const rows = await tx.unsafe<{ object: string; message: string }[]>(query);
        return rows.map(({ object, message }): Finding => ({ rule, object, message }));
      }),
    );
    return [...found.flat(), ...(await outdated(tx, reference))];
  });
}

async function outdated(tx: Tx, { version }: SchemaReference): Promise<Finding[]> {
  const rows = await tx<{ object: string; message: string }[]>`
    select schema_name::text as object,
      'is at version ' || schema_version || ' (' || schema_state || '): run migrate' as message
    from federation.department
    where schema_state <> 'absent' and (schema_version <> ${version} or schema_state <> 'current')`;
  return rows.map((row) => ({ rule: "schema_outdated", ...row }));
}
