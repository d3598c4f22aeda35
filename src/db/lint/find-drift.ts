import type { Sql, Tx } from "../tx.ts";
import { withTx } from "../tx.ts";
import { describeSchemas, digestSchemas } from "./describe-schemas.ts";
import type { Finding } from "./rule.ts";

/** How to make a department's schema of the newest version, for the comparison. */
export interface SchemaReference {
  version: number;
  render(names: { id: string; schemaName: string; roleName: string }): string;
}

const linesShown = 20;

/**
 * Compares every department of the newest version with a schema freshly made from the template, inside a transaction
 * that is rolled back. `sql` is the provisioner's pool.
 */
export async function findDrift(sql: Sql, reference: SchemaReference): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    await withTx(sql, async (tx) => {
      findings.push(...(await compare(tx, reference)));
      throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw error;
  }
  return findings;
}

class RollBack extends Error {}

async function compare(tx: Tx, { version, render }: SchemaReference): Promise<Finding[]> {
  const suffix = randomSuffix();
  const model = { id: Bun.randomUUIDv7(), schemaName: `t_${suffix}`, roleName: `d_${suffix}` };
  await tx.unsafe(`
    set local enable_nestloop = off;
    select federation_roles.add('${suffix}');
    set local role federation_owner;
    ${render(model)}
    insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
      values ('${model.id}', 'lint-${suffix}', 'lint', 'provisioning', '${suffix}', 'local', '0', 'lint@example.invalid')`);
  const outdated = await tx<{ name: string }[]>`
    select schema_name as name from federation.department where schema_version <> ${version}`;
  const digests = await digestSchemas(tx);
  const expected = digests.get(model.schemaName);
  const skipped = new Set(outdated.map(({ name }) => name));
  const drifted = [...digests].filter(([name, digest]) => digest !== expected && !skipped.has(name));
  if (drifted.length === 0) return [];
  const described = await describeSchemas(tx, [model.schemaName, ...drifted.map(([name]) => name)]);
  const wanted = new Set(described.get(model.schemaName));
  return drifted.flatMap(([name]) => differences(name, wanted, new Set(described.get(name))));
}

function differences(schema: string, wanted: Set<string>, found: Set<string>): Finding[] {
  const extra = [...found.difference(wanted)].map((line) => `not in the template: ${line}`);
  const missing = [...wanted.difference(found)].map((line) => `missing: ${line}`);
  return [...extra, ...missing]
    .slice(0, linesShown)
    .map((message) => ({ rule: "drift", object: schema, message }));
}

function randomSuffix(): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => alphabet[byte % 32]).join("");
}
