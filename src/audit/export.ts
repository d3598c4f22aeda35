import type { Ctx } from "../context.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { exportTrail } from "./export-trail.ts";
import { readOnRecord } from "./read-on-record.ts";

export interface ExportQuery {
  department_id?: string | undefined;
  from?: string | undefined;
  until?: string | undefined;
}

/** The trail, or a department's, as a stream of lines; who takes it is on record first. Throws 404. */
export async function exportAudit(ctx: Ctx, query: ExportQuery): Promise<ReadableStream<Uint8Array>> {
  const wanted =
    query.department_id === undefined ? undefined : (await resolveDepartment(ctx, query.department_id)).id;
  const meta = { department: wanted ?? null, from: query.from ?? null, until: query.until ?? null };
  const streams = await readOnRecord(ctx, { action: "audit.export", meta });
  const micros = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text) * 1000);
  const range = {
    streams: wanted === undefined ? streams : [wanted],
    fromUs: micros(query.from),
    untilUs: micros(query.until),
  };
  return asStream(exportTrail({ sql: ctx.db.app, vault: ctx.vault }, range));
}

function asStream(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await chunks.return(undefined)),
  });
}
