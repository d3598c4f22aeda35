import { exportAudit } from "../../audit/export.ts";
import { type Sealed, sealedUpTo } from "../../audit/sealed-up-to.ts";
import { type AuditPage, auditQuery, searchAudit } from "../../audit/search.ts";
import { verifyTrail } from "../../audit/verify-trail.ts";
import { ActionForm, Choice, Field } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import {
  type ConsoleAction,
  type ConsolePage,
  numberOf,
  type PageAccess,
  readFields,
} from "../parts/page.ts";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";

const access: PageAccess = { callers: "own", scope: "audit:read" };
type AuditEvent = AuditPage["items"][number];

/** The trail, searched by the API's own filters; each event with why, and whether a checkpoint covers it. */
export const auditPage: ConsolePage = {
  path: "/audit",
  access,
  async show(ctx, { fields }) {
    const query = readFields(auditQuery, { ...fields, limit: numberOf(fields["limit"]) });
    const [{ items, next_cursor }, sealed] = await Promise.all([searchAudit(ctx, query), sealedUpTo(ctx)]);
    const body = (
      <>
        <Filters fields={fields} />
        <Verification sealed={sealed} />
        <Table
          caption="Events, newest first"
          head={["When", "Actor", "Action", "Target", "Decision", "Why", "Sealed"]}
          empty="No event fits."
          rows={items.map((event) => rowOf(event, sealed))}
        />
        <NextPage path="/audit" query={fields} cursor={next_cursor} />
      </>
    );
    return { title: "Audit", body };
  },
};

function Filters({ fields }: { fields: Readonly<Record<string, string>> }) {
  const decisions = auditQuery.shape.decision.unwrap().options;
  const field = (label: string, name: string, placeholder?: string) => (
    <Field label={label} name={name} value={fields[name]} {...(placeholder && { placeholder })} />
  );
  return (
    <form method="get" action="/audit" role="search" class="filters">
      {field("Action", "action", "grant. or grant.approve")}
      {field("Actor", "actor")}
      {field("Target", "target")}
      {field("Department", "department_id")}
      {field("Request", "request_id")}
      {field("From", "from", "2026-01-31T00:00:00Z")}
      {field("Until", "until", "2026-02-28T00:00:00Z")}
      <Choice label="Decision" name="decision" options={["", ...decisions]} value={fields["decision"]} />
      <button type="submit">Search</button>
    </form>
  );
}

function Verification({ sealed: { checkpoint } }: { sealed: Sealed }) {
  return (
    <section aria-labelledby="verification">
      <h2 id="verification">Verification</h2>
      {checkpoint === undefined ? (
        <p>No checkpoint was made yet.</p>
      ) : (
        <p>
          The last checkpoint is number {checkpoint.n}, of <Time at={checkpoint.at} />.
        </p>
      )}
      <ActionForm action="/audit/verify" button="Verify now" command={fed("audit", "verify")} />
      <p>
        <a href="/audit/export" download="audit.ndjson">
          Download the trail with its proofs
        </a>
      </p>
    </section>
  );
}

function rowOf(event: AuditEvent, { upTo }: Sealed) {
  const isQuestion = event.action.startsWith("gateway.") && event.request_id !== null;
  return [
    <Time at={event.at} />,
    <>
      {event.actor_kind} <code>{event.actor}</code>
    </>,
    event.action,
    event.target === null ? "–" : <code>{event.target}</code>,
    <Status of={event.decision} />,
    <>
      {event.reason ?? (isQuestion ? "" : "–")}
      {isQuestion ? <a href={`/audit/questions/${event.request_id}`}>Why it was {event.decision}</a> : null}
      <Details meta={event.meta} />
    </>,
    event.seq <= (upTo.get(event.stream) ?? 0) ? "sealed" : "not yet",
  ];
}

function Details({ meta }: { meta: AuditEvent["meta"] }) {
  const entries = Object.entries(meta).filter(([, value]) => value !== null);
  if (entries.length === 0) return null;
  return (
    <details>
      <summary>Details</summary>
      <dl>
        {entries.map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </>
        ))}
      </dl>
    </details>
  );
}

/** The whole trail of who asks, as a file that can be verified offline. */
export const auditExport: ConsolePage = {
  path: "/audit/export",
  access,
  isDownload: true,
  async show(ctx) {
    return new Response(await exportAudit(ctx, {}), {
      headers: {
        "content-type": "application/x-ndjson",
        "content-disposition": 'attachment; filename="audit.ndjson"',
      },
    });
  },
};

export const auditActions: ConsoleAction[] = [
  {
    path: "/audit/verify",
    access,
    async act(ctx) {
      const found = await verifyTrail(ctx);
      const body = (
        <>
          <p role="status">
            <Status of={found.ok ? "whole" : "broken"} /> {found.events} events in {found.streams} streams,
            compared with checkpoint {found.checkpoint}.
          </p>
          <ul>
            {[...found.problems, ...found.gaps].map((line) => (
              <li>{line}</li>
            ))}
          </ul>
          <p>
            <a href="/audit">Back to the trail</a>
          </p>
        </>
      );
      return { title: found.ok ? "The trail is whole" : "The trail is broken", body };
    },
  },
];
