import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { notFound } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import { resolveDepartment } from "./resolve.ts";

export interface OpenedArchive {
  stream: ReadableStream<Uint8Array>;
  bytes: number;
  name: string;
  sha256: string;
}

/** The department's last export, a gzipped JSON-lines file; who reads it is on record first. Throws 404 without one. */
export async function openArchive(ctx: Ctx, idOrSlug: string): Promise<OpenedArchive> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const [row] = await ctx.db.app<{ location: string; bytes: string; sha256: string }[]>`
    select location, bytes, sha256 from federation.archive where department_id = ${department.id}`;
  if (!row) throw notFound();
  await withTx(ctx.db.app, (tx) =>
    appendAudit(tx, [
      { ...auditActor(ctx), stream: department.id, action: "archive.read", decision: "allowed" },
    ]),
  );
  const stream = await ctx.artifacts.read(row.location);
  return { stream, bytes: Number(row.bytes), name: `${department.slug}.jsonl.gz`, sha256: row.sha256 };
}
