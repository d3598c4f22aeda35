import { listFailedJobs, listQueues } from "../../queue/list-jobs.ts";
import type { FailedJob } from "../../queue/queue-view.ts";
import { redriveJob } from "../../queue/redrive.ts";
import { Time } from "../components/time.tsx";
import { ActionForm } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import { type ConsoleAction, type ConsolePage, idOf, type PageAccess } from "../parts/page.ts";
import { Table } from "../components/table.tsx";

const read: PageAccess = { callers: "platform", scope: "departments:read" };

/** How every queue stands. */
export const jobsPage: ConsolePage = {
  path: "/jobs",
  access: read,
  async show(ctx) {
    const queues = await listQueues(ctx);
    const body = (
      <Table
        caption="Queues"
        head={["Queue", "Waiting", "Running", "Failed", "Oldest that is due"]}
        empty="There is no queue."
        rows={queues.map((queue) => [
          queue.name,
          String(queue.waiting),
          String(queue.active),
          queue.failed === 0 ? "0" : <a href={`/jobs/${queue.name}`}>{queue.failed} failed</a>,
          <Time at={queue.oldest} />,
        ])}
      />
    );
    return { title: "Jobs", body };
  },
};

/** The jobs of one queue that were given up. */
export const failedJobsPage: ConsolePage = {
  path: "/jobs/:id",
  access: read,
  async show(ctx, { id: queue }) {
    const jobs = await listFailedJobs(ctx, queue);
    const mayRetry = ctx.caller.scopes.has("runs:write");
    const body = (
      <Table
        caption="Failed jobs, newest first"
        head={["Job", "For", "Tries", "Failed", "Error", "Action"]}
        empty="No job of this queue has failed."
        rows={jobs.map((job) => rowOf(queue, job, mayRetry))}
      />
    );
    return { title: `Failed jobs of ${queue}`, body };
  },
};

function rowOf(queue: string, job: FailedJob, mayRetry: boolean) {
  return [
    <code>{job.id}</code>,
    <code>{JSON.stringify(job.payload)}</code>,
    String(job.retries + 1),
    <Time at={job.failed_at} />,
    job.error,
    mayRetry ? (
      <ActionForm
        action={`/failed-jobs/${job.id}/retry`}
        button="Try again"
        about={job.id}
        command={fed("jobs", queue, "--retry", job.id)}
      >
        <input type="hidden" name="queue" value={queue} />
      </ActionForm>
    ) : null,
  ];
}

export const jobActions: ConsoleAction[] = [
  {
    path: "/failed-jobs/:id/retry",
    access: { callers: "platform", scope: "runs:write" },
    async act(ctx, asked) {
      const { queue } = await redriveJob(ctx, asked.fields["queue"] ?? "", idOf(asked));
      return { message: "The job runs once more.", location: `/jobs/${queue}` };
    },
  },
];
