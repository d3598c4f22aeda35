import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { conflict, notFound } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import { queueNamed } from "./list-jobs.ts";

/** Lets a failed job run once more. Throws 404 for one that is not there, 409 `job_not_failed` for one in another state. */
export async function redriveJob(ctx: Ctx, name: string, id: string): Promise<{ id: string; queue: string }> {
  const queue = queueNamed(name);
  return withTx(ctx.db.app, async (tx) => {
    const [job] = await tx<{ state: string }[]>`
      select state::text as state from pgboss.job where name = ${queue} and id = ${id} for update`;
    if (!job) throw notFound();
    if (job.state !== "failed") throw conflict("job_not_failed", "Only a failed job can be tried again.");
    await ctx.queue.retry(tx, queue, id);
    const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action: "job.retry", target: id };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { queue } }]);
    return { id, queue };
  });
}
