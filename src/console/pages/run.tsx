import { z } from "zod";
import { cancelRun } from "../../provisioning/cancel-run.ts";
import { retryRun } from "../../provisioning/retry-run.ts";
import { showTimeline, type Timeline } from "../../provisioning/timeline.ts";
import { ConfirmForm } from "../components/form.tsx";
import { RunSteps } from "../components/run-steps.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import {
  type ConsoleAction,
  type ConsolePage,
  idOf,
  may,
  type PageAccess,
  readFields,
} from "../parts/page.ts";

const write: PageAccess = { callers: "platform", scope: "runs:write" };
const retryForm = z.object({ from_step: z.string().min(2).max(40).optional() });
const ended = ["succeeded", "rolled_back", "cancelled", "failed"];

/** One run, step by step; the script follows its stream. */
export const runPage: ConsolePage = {
  path: "/runs/:id",
  access: { callers: "own", scope: "departments:read" },
  async show(ctx, asked) {
    const timeline = await showTimeline(ctx, idOf(asked));
    const body = (
      <>
        <Summary {...timeline} />
        <RunSteps steps={timeline.steps} />
        {may(ctx.caller, write) && <Actions {...timeline} />}
        <Log {...timeline} />
      </>
    );
    return { title: `${timeline.run.kind} of ${timeline.run.department_id}`, body };
  },
};

export const runActions: ConsoleAction[] = [
  {
    path: "/runs/:id/retry",
    access: write,
    async act(ctx, asked) {
      const id = idOf(asked);
      await retryRun(ctx, id, readFields(retryForm, asked.fields));
      return { message: "The run goes on.", location: `/runs/${id}` };
    },
  },
  {
    path: "/runs/:id/cancel",
    access: write,
    async act(ctx, asked) {
      const id = idOf(asked);
      await cancelRun(ctx, id);
      const message = "The run is being stopped, and what it did is taken back.";
      return { message, location: `/runs/${id}` };
    },
  },
];

function Summary({ run }: Timeline) {
  const live = ended.includes(run.run_status) ? undefined : `/runs/${run.provisioning_id}/events`;
  return (
    <section data-events={live} aria-label="State">
      <p>
        <Status id="run-status" of={run.run_status} />{" "}
        <span id="eta">{run.eta_seconds !== null && `about ${Math.ceil(run.eta_seconds)} s left`}</span>
      </p>
      <label>
        Progress
        <progress id="percent" max={100} value={run.percent} />
      </label>
      {run.error && (
        <p class="problem">
          <code>{run.error.code}</code> {run.error.message}
        </p>
      )}
      <dl class="facts">
        <dt>Department</dt>
        <dd>
          <a href={`/departments/${run.department}`}>{run.department_id}</a>
        </dd>
        <dt>Begun</dt>
        <dd>
          <Time at={run.created_at} />
        </dd>
        <dt>Ended</dt>
        <dd>
          <Time at={run.completed_at} />
        </dd>
        {run.consent_url !== undefined && (
          <>
            <dt>Waits for</dt>
            <dd>a consent at the provider: ask for a link with the command or the API</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Actions({ run, steps }: Timeline) {
  const path = `/runs/${run.provisioning_id}`;
  const id = run.provisioning_id;
  const isOver = ["succeeded", "rolled_back", "cancelled"].includes(run.run_status);
  if (isOver) return null;
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      {run.run_status === "failed" && (
        <ConfirmForm action={`${path}/retry`} label="Retry" command={`fed retry ${id} [--from step]`}>
          <label>
            From
            <select name="from_step">
              <option value="">where it failed</option>
              {steps.map(({ name }) => (
                <option value={name}>{name}</option>
              ))}
            </select>
          </label>
        </ConfirmForm>
      )}
      <ConfirmForm action={`${path}/cancel`} label="Cancel" command={`fed cancel ${id}`} danger>
        <p>The run stops, and what it did is taken back.</p>
      </ConfirmForm>
    </section>
  );
}

function Log({ events }: Timeline) {
  return (
    <section aria-labelledby="log">
      <h2 id="log">On record</h2>
      <Table
        caption="Events"
        head={["At", "Who", "What", "Decision"]}
        empty="Nothing that you may see."
        rows={events.map((event) => [
          <Time at={event.at} />,
          <code>{event.actor}</code>,
          <code>{event.action}</code>,
          <Status of={event.decision} />,
        ])}
      />
    </section>
  );
}
