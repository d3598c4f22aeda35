import { z } from "zod";
import { approvalStatuses, type ApprovalView } from "../../approvals/approval.ts";
import { approveApproval } from "../../approvals/approve.ts";
import { listApprovals } from "../../approvals/list.ts";
import { rejectApproval } from "../../approvals/reject.ts";
import { Changes } from "../components/changes.tsx";
import { ActionForm, Choice, Field } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import { type ConsoleAction, type ConsolePage, idOf, type PageAccess, readFields } from "../parts/page.ts";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";

const access: PageAccess = { callers: "platform", scope: "approvals:write" };
const statusField = z.object({ status: z.enum(approvalStatuses).optional() });
const reasonInput = z.strictObject({ reason: z.string().trim().min(1).max(500).optional() });

/** What waits for a second person, and what became of it. */
export const approvalsPage: ConsolePage = {
  path: "/approvals",
  access,
  async show(ctx, { fields }) {
    const { status } = readFields(statusField, { status: fields["status"] });
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listApprovals(ctx, { limit: 50, status, cursor });
    const body = (
      <>
        <form method="get" action="/approvals" role="search" class="filters">
          <Choice label="State" name="status" options={["", ...approvalStatuses]} value={status} />
          <button type="submit">Show</button>
        </form>
        <Table
          caption="Approvals"
          head={["For", "Target", "Department", "State", "Asked by", "Reason", "Ends", "Action"]}
          empty="Nothing waits for a second person."
          rows={items.map((approval) => rowOf(ctx.caller.id, approval))}
        />
        {items.map((approval) => (
          <ChangeAskedFor of={approval} />
        ))}
        <NextPage path="/approvals" query={fields} cursor={next_cursor} />
      </>
    );
    return { title: "Approvals", body };
  },
};

function rowOf(callerId: string, approval: ApprovalView) {
  const isOpen = approval.status === "requested";
  const name = `${approval.action} on ${approval.target}`;
  return [
    approval.change ? <a href={`#change-${approval.id}`}>{approval.action}</a> : approval.action,
    <code>{approval.target}</code>,
    approval.department_id ?? "–",
    <Status of={approval.status} />,
    <code>{approval.requested_by}</code>,
    approval.reason ?? "–",
    <Time at={approval.decided_at ?? approval.expires_at} />,
    <>
      {isOpen && approval.requested_by !== callerId ? (
        <ActionForm
          action={`/approvals/${approval.id}/approve`}
          button="Approve"
          about={name}
          command={fed("approvals", "approve", approval.id)}
        />
      ) : null}
      {isOpen || approval.status === "approved" ? (
        <ActionForm action={`/approvals/${approval.id}/reject`} button="Reject" about={name}>
          <Field label="Reason" name="reason" />
        </ActionForm>
      ) : null}
    </>,
  ];
}

/** What a definition would become; the texts in it are whoever's who asked. */
function ChangeAskedFor({ of: { id, change, department_id, requested_by } }: { of: ApprovalView }) {
  if (!change) return null;
  const caption = `${department_id}, from version ${change.from_version}, asked for by ${requested_by}`;
  return (
    <section id={`change-${id}`}>
      <Changes caption={caption} changes={change.changes} />
    </section>
  );
}

export const approvalActions: ConsoleAction[] = [
  {
    path: "/approvals/:id/approve",
    access,
    async act(ctx, asked) {
      await approveApproval(ctx, idOf(asked));
      return { message: "Approved; who asked may go on now.", location: "/approvals" };
    },
  },
  {
    path: "/approvals/:id/reject",
    access,
    question: ({ id, fields }) => ({
      title: "Reject this request?",
      text: "Who asked has to ask again.",
      button: "Yes, reject it",
      command: fed("approvals", "reject", id, ...(fields["reason"] ? ["--reason", fields["reason"]] : [])),
    }),
    async act(ctx, asked) {
      await rejectApproval(ctx, idOf(asked), readFields(reasonInput, { reason: asked.fields["reason"] }));
      return { message: "Rejected.", location: "/approvals" };
    },
  },
];
