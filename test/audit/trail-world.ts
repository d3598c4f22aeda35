import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { openAnchorDirectory } from "../../src/audit/anchor-directory.ts";
import { appendAudit, type AuditEvent } from "../../src/audit/append.ts";
import { exportTrail, type ExportRange } from "../../src/audit/export-trail.ts";
import { sealCheckpoint } from "../../src/audit/seal-checkpoint.ts";
import { withTx } from "../../src/db/tx.ts";
import { verifyExport } from "../../templates/audit/verify-export.mjs";
import { testEdge } from "../http/edge.ts";

export type TrailWorld = Awaited<ReturnType<typeof trailWorld>>;

/** A trail with an anchor of its own: append, seal, export, verify. */
export async function trailWorld() {
  const directory = await mkdtemp(join(tmpdir(), "federation-anchor-"));
  const edge = await testEdge({ anchor: `file:${directory}` });
  const anchor = openAnchorDirectory(`file:${directory}`);
  const means = { sql: edge.deps.db.app, vault: edge.deps.vault, anchor };
  const world = {
    edge,
    directory,
    anchor,
    means,
    async openStream(): Promise<string> {
      const stream = Bun.randomUUIDv7();
      await edge.sql`select audit.open_stream(${stream})`;
      return stream;
    },
    append: (stream: string, count = 1, more: Partial<AuditEvent> = {}) =>
      withTx(edge.deps.db.app, (tx) =>
        appendAudit(
          tx,
          Array.from({ length: count }, (_, at) => ({
            stream,
            actor: "member-1",
            actorKind: "member" as const,
            action: "department.provision",
            target: `t-${at}`,
            decision: "done" as const,
            reason: at % 3 === 0 ? "wörd — 語" : undefined,
            requestId: Bun.randomUUIDv7(),
            meta: { at, text: "x".repeat(at % 50) },
            ...more,
          })),
        ),
      ),
    seal: () => sealCheckpoint(means),
    async export(range?: ExportRange): Promise<Buffer> {
      return Buffer.concat(await Array.fromAsync(exportTrail(means, range)));
    },
    async publicKeys(): Promise<string[]> {
      const rows = await edge.sql<{ key: string }[]>`select public_key as key from federation.audit_key`;
      return rows.map(({ key }) => key);
    },
    /** With the installation's own key, as somebody who kept it would. */
    async verify(bytes: Uint8Array, options: { anchor?: string } = {}) {
      return verifyExport(chunksOf(bytes), { key: await world.publicKeys(), ...options });
    },
    async close() {
      await edge.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return world;
}

/** Odd sizes: a line may end anywhere. */
export async function* chunksOf(bytes: Uint8Array, size = 4099) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The superuser past every trigger. */
export async function asInsider(
  adminUrl: string,
  work: (sql: postgres.Sql) => Promise<unknown>,
): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`set session_replication_role = replica`;
    await work(sql);
  } finally {
    await sql.end({ timeout: 2 });
  }
}
