import { z } from "zod";
import type { Ctx } from "../../context.ts";
import { approveGrant } from "../../grants/approve.ts";
import { approvalInput, endInput, grantInput, grantStatus, type GrantView } from "../../grants/grant.ts";
import { listGrants } from "../../grants/list.ts";
import { rejectGrant } from "../../grants/reject.ts";
import { requestGrant } from "../../grants/request.ts";
import { revokeGrant } from "../../grants/revoke.ts";
import { ActionForm, Choice, Field } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import {
  type ConsoleAction,
  type ConsolePage,
  idOf,
  numberOf,
  type PageAccess,
  readFields,
} from "../parts/page.ts";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";
import { GrantMatrix } from "./grant-matrix.tsx";

const statusField = z.object({ status: grantStatus.optional() });
const read: PageAccess = { callers: "own", scope: "grants:read" };
const write: PageAccess = { callers: "own", scope: "grants:write" };

/** Who may ask whom: the matrix, every grant with what can be done to it, and the form to ask for one. */
export const grantsPage: ConsolePage = {
  path: "/grants",
  access: read,
  async show(ctx, { fields }) {
    const { status } = readFields(statusField, { status: fields["status"] });
    const { items, next_cursor } = await listGrants(ctx, {
      limit: 50,
      status,
      department_id: fields["department_id"] || undefined,
      cursor: fields["cursor"] || undefined,
    });
    const body = (
      <>
        <GrantMatrix grants={items} />
        <form method="get" action="/grants" role="search" class="filters">
          <Choice label="State" name="status" options={["", ...grantStatus.options]} value={status} />
          <Field label="Department" name="department_id" value={fields["department_id"]} />
          <button type="submit">Show</button>
        </form>
        <Table
          caption="Grants"
          head={["Source", "Target", "Opens", "State", "Reason", "Ends", "Action"]}
          empty="There is no such grant."
          rows={items.map((grant) => rowOf(ctx, grant))}
        />
        <NextPage path="/grants" query={fields} cursor={next_cursor} />
        {ctx.caller.scopes.has("grants:write") ? <RequestForm ctx={ctx} /> : null}
      </>
    );
    return { title: "Grants", body };
  },
};

function rowOf(ctx: Ctx, grant: GrantView) {
  const ends = grant.status === "requested" ? grant.lapses_at : (grant.ended_at ?? grant.expires_at);
  return [
    <span id={`grant-${grant.id}`}>{grant.source_department_id}</span>,
    grant.target_department_id,
    `${grant.permission} ${grant.resource}`,
    <Status of={grant.status} />,
    grant.reason,
    <Time at={ends} />,
    <Actions ctx={ctx} grant={grant} />,
  ];
}

function Actions({ ctx, grant }: { ctx: Ctx; grant: GrantView }) {
  if (!ctx.caller.scopes.has("grants:write")) return null;
  // Who asked is hidden from the target, and from nobody else.
  const isTarget = ctx.caller.departmentId !== undefined && grant.requested_by === null;
  const isRequested = grant.status === "requested";
  const name = `${grant.permission} ${grant.resource} of ${grant.source_department_id}`;
  return (
    <>
      {isRequested && isTarget ? (
        <>
          <ActionForm
            action={`/grants/${grant.id}/approve`}
            button="Approve"
            about={name}
            command={fed("grants", "approve", grant.id)}
          >
            <Field label="Days" name="days" type="number" min={1} max={grant.expires_in_days ?? 365} />
          </ActionForm>
          <EndForm grant={grant} verb="reject" button="Reject" />
        </>
      ) : null}
      {grant.status === "approved" || (isRequested && !isTarget) ? (
        <EndForm grant={grant} verb="revoke" button="Revoke" />
      ) : null}
    </>
  );
}

function EndForm({ grant, verb, button }: { grant: GrantView; verb: "reject" | "revoke"; button: string }) {
  const about = `${grant.permission} ${grant.resource} of ${grant.source_department_id}`;
  return (
    <ActionForm action={`/grants/${grant.id}/${verb}`} button={button} about={about}>
      <Field label="Reason" name="reason" required />
    </ActionForm>
  );
}

function RequestForm({ ctx }: { ctx: Ctx }) {
  return (
    <section aria-labelledby="ask">
      <h2 id="ask">Ask for a grant</h2>
      <ActionForm
        action="/grants"
        button="Ask"
        command="fed grants request --target … --permission … --resource … --reason … --days …"
      >
        {ctx.caller.departmentId === undefined ? <Field label="Source" name="source" required /> : null}
        <Field label="Target" name="target" required />
        <Choice label="Permission" name="permission" options={grantInput.shape.permission.options} />
        <Choice label="Resource" name="resource" options={grantInput.shape.resource.options} />
        <Field label="Reason" name="reason" required />
        <Field label="Days" name="days" type="number" min={1} max={365} value="30" required />
      </ActionForm>
    </section>
  );
}

export const grantActions: ConsoleAction[] = [
  {
    path: "/grants",
    access: write,
    async act(ctx, { fields }) {
      const { source, target, permission, resource, reason, days } = fields;
      const input = readFields(grantInput, {
        source_department_id: source,
        target_department_id: target,
        permission,
        resource,
        reason,
        expires_in_days: numberOf(days),
      });
      await requestGrant(ctx, input);
      return { message: `${input.target_department_id} was asked.`, location: "/grants" };
    },
  },
  {
    path: "/grants/:id/approve",
    access: write,
    async act(ctx, asked) {
      const input = readFields(approvalInput, { expires_in_days: numberOf(asked.fields["days"]) });
      const grant = await approveGrant(ctx, idOf(asked), input);
      return { message: `${grant.source_department_id} may ask from now on.`, location: "/grants" };
    },
  },
  ending("reject", rejectGrant),
  ending("revoke", revokeGrant),
];

function ending(verb: "reject" | "revoke", end: typeof revokeGrant): ConsoleAction {
  return {
    path: `/grants/:id/${verb}`,
    access: write,
    question: ({ id, fields }) => ({
      title: verb === "reject" ? "Reject this request?" : "Revoke this grant?",
      text: "Questions that need it are refused from then on; it has to be asked for again.",
      button: verb === "reject" ? "Yes, reject it" : "Yes, revoke it",
      command: fed("grants", verb, id, "--reason", fields["reason"] ?? ""),
    }),
    async act(ctx, asked) {
      await end(ctx, idOf(asked), readFields(endInput, { reason: asked.fields["reason"] }));
      return { message: `The grant is ${verb === "reject" ? "rejected" : "revoked"}.`, location: "/grants" };
    },
  };
}
