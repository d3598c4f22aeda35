import type { Ctx } from "../context.ts";
import { notFound } from "../errors.ts";
import type { FailedJob, QueueView } from "./queue-view.ts";
import { QUEUES, type QueueName } from "./queues.ts";

const shownMax = 100;
const errorMax = 300;

/** How every queue of the product stands. */
export async function listQueues({ db }: Ctx): Promise<QueueView[]> {
  const names = QUEUES.map(({ name }) => name);
  const rows = await db.app<QueueView[]>`
    select q.name,
      (count(j.id) filter (where j.state in ('created', 'retry')))::int as waiting,
      (count(j.id) filter (where j.state = 'active'))::int as active,
      (count(j.id) filter (where j.state = 'failed'))::int as failed,
      to_json(min(j.start_after) filter (where j.state in ('created', 'retry') and j.start_after <= clock_timestamp()))#>>'{}'
        as oldest
    from unnest(${names}::text[]) as q(name) left join pgboss.job j on j.name = q.name
    group by q.name order by q.name`;
  return [...rows];
}

/** The jobs of a queue that were given up and not yet forgotten, newest first. Throws 404 for a queue that is none. */
export async function listFailedJobs({ db }: Ctx, name: string): Promise<FailedJob[]> {
  const queue = queueNamed(name);
  const rows = await db.app<(Omit<FailedJob, "error"> & { message: string | null })[]>`
    select j.id, coalesce(j.data, '{}') as payload, j.retry_count as retries, to_json(j.created_on)#>>'{}' as created_at,
      to_json(j.completed_on)#>>'{}' as failed_at,
      coalesce(j.output->>'message', j.output->'value'->>'message') as message
    from pgboss.job j where j.name = ${queue} and j.state = 'failed'
    order by j.completed_on desc nulls last, j.id limit ${shownMax}`;
  return rows.map(({ message, ...row }) => ({ ...row, error: shortened(message ?? "unknown") }));
}

export function queueNamed(name: string): QueueName {
  const found = QUEUES.find((queue) => queue.name === name);
  if (!found) throw notFound();
  return found.name;
}

/** One bounded line, with neither addresses with a login in them nor long random texts. */
function shortened(message: string): string {
  return message
    .replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S*/gi, "[address]")
    .replaceAll(/[A-Za-z0-9+/_=-]{25,}/g, (text) => (/^[0-9a-f-]{36}$/.test(text) ? text : "[removed]"))
    .replaceAll(/\s+/g, " ")
    .slice(0, errorMax);
}
