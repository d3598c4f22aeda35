import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Tx } from "../db/tx.ts";
import { withDepartment } from "../gateway/with-department.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";

export interface Exported {
  location: string;
  bytes: number;
  sha256: string;
  /** Rows per table. */
  tables: Record<string, number>;
}

const rowsPerFetch = 200;

/**
 * Writes all rows of a department to one gzipped JSON-lines artifact, `{"table": …, "row": …}` a line, read as the
 * department's own role in one snapshot a table.
 */
export async function exportDepartment(ctx: JobContext): Promise<Exported> {
  const { department } = ctx.run;
  const { db, vault, artifacts } = ctx.deps;
  const seal = (id: string) => vault.sealOwnContext(id);
  const tables: Record<string, number> = {};
  const sha256 = createHash("sha256");
  // A name of its own for each attempt: a worker that was taken over cannot replace what is on record.
  const location = `archives/${department.id}/${ctx.run.id}-${ctx.run.epoch}-${ctx.attempt}.jsonl.gz`;
  await ctx.fence();
  const { bytes } = await withDepartment({ sql: db.gateway, seal }, department, async (tx) => {
    const lines = Readable.from(rowsOf(tx, department, () => seal(department.id), tables, ctx.signal));
    const gzip = lines.pipe(createGzip());
    lines.on("error", (error) => gzip.destroy(error));
    return artifacts.write(location, hashed(gzip, sha256), () => ctx.fence());
  });
  return { location, bytes, sha256: sha256.digest("hex"), tables };
}

async function* rowsOf(
  tx: Tx,
  department: { schemaName: string },
  seal: () => Promise<string>,
  tables: Record<string, number>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  // One statement reads a whole table; the step's deadline bounds it.
  await tx`set local statement_timeout = 0`;
  const found = await tx<{ name: string }[]>`
    select c.relname as name from pg_class c where c.relnamespace = ${department.schemaName}::regnamespace
      and c.relkind in ('r', 'p') and not c.relispartition order by c.relname`;
  for (const { name } of found) {
    tables[name] = 0;
    await tx`select set_config('gateway.seal', ${await seal()}, true)`;
    const rows = tx<
      { row: string }[]
    >`select to_jsonb(t)::text as row from ${tx(department.schemaName)}.${tx(name)} t`;
    for await (const batch of rows.cursor(rowsPerFetch)) {
      signal.throwIfAborted();
      tables[name] += batch.length;
      yield batch.map(({ row }) => `{"table":${JSON.stringify(name)},"row":${row}}\n`).join("");
    }
  }
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: { update(chunk: Uint8Array): unknown }) {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
