import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { findConsoleSession } from "../../console-sessions/find.ts";
import { idParam } from "../../http/params.ts";
import { streamEvents } from "../../http/stream-events.ts";
import { cancelRun } from "../../provisioning/cancel-run.ts";
import { showProgress } from "../../provisioning/progress.ts";
import { retryRun } from "../../provisioning/retry-run.ts";
import { showTimeline, type Timeline } from "../../provisioning/timeline.ts";
import { watchProgress } from "../../provisioning/watch.ts";
import { ConfirmForm } from "../components/form.tsx";
import { RunSteps } from "../components/run-steps.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Time } from "../components/time.tsx";
import { flash } from "../cookies.ts";
import { consoleCtx, consoleFactory, sessionOf } from "../env.ts";
import { readForm } from "../read-query.ts";
import { renderPage } from "../render-page.tsx";

const retryForm = z.object({ from_step: z.string().min(2).max(40).optional() });
const ended = ["succeeded", "rolled_back", "cancelled", "failed"];

export const getRun = consoleFactory.createHandlers(async (c) => {
  const ctx = consoleCtx(c);
  const timeline = await showTimeline(ctx, idParam(c as Context));
  const { run } = timeline;
  const mayAct = ctx.caller.departmentId === undefined && ctx.caller.scopes.has("runs:write");
  return renderPage(
    c,
    { title: `${run.kind} of ${run.department_id}`, current: "/runs" },
    <>
      <Summary {...timeline} />
      <RunSteps steps={timeline.steps} />
      {mayAct && <Actions {...timeline} />}
      <Log {...timeline} />
    </>,
  );
});

/** The API's stream, by the session's cookie; it ends within a second of the session. */
export const getRunEvents = consoleFactory.createHandlers(async (c) => {
  const ctx = consoleCtx(c);
  const id = idParam(c as Context);
  await showProgress(ctx, id);
  if (c.req.raw.method === "HEAD") return c.body(null, 200, { "content-type": "text/event-stream" });
  const { token } = sessionOf(c);
  const last = z.coerce.number().int().min(0).safeParse(c.req.header("last-event-id"));
  const mayStillSee = () =>
    findConsoleSession(ctx, token, { touch: false }).then(
      (found) => found?.caller.scopes.has("departments:read") ?? false,
      () => true,
    );
  return streamSSE(c, (stream) =>
    streamEvents(ctx, stream, (signal) => watchProgress(ctx, id, { after: last.data, signal }), mayStillSee),
  );
});

export const postRetry = consoleFactory.createHandlers(async (c) => {
  const id = idParam(c as Context);
  await retryRun(consoleCtx(c), id, readForm(c, retryForm));
  flash(c, "The run goes on.");
  return c.redirect(`/runs/${id}`, 303);
});

export const postCancel = consoleFactory.createHandlers(async (c) => {
  const id = idParam(c as Context);
  await cancelRun(consoleCtx(c), id);
  flash(c, "The run is being stopped, and what it did is taken back.");
  return c.redirect(`/runs/${id}`, 303);
});

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
      <Table caption="Events" columns={["At", "Who", "What", "Decision"]} empty="Nothing that you may see.">
        {events.map((event) => (
          <tr>
            <td>
              <Time at={event.at} />
            </td>
            <td>
              <code>{event.actor}</code>
            </td>
            <td>
              <code>{event.action}</code>
            </td>
            <td>
              <Status of={event.decision} />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
