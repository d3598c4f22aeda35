import { createMember } from "../../members/create.ts";
import { disableMember } from "../../members/disable.ts";
import { listMembers } from "../../members/list.ts";
import { memberInput } from "../../members/member.ts";
import { mayAdd } from "../../members/scopes.ts";
import { ActionForm, Choice, Field } from "../components/action-form.tsx";
import { type ConsoleAction, type ConsolePage, idOf, type PageAccess, readFields } from "../parts/page.ts";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";

const write: PageAccess = { callers: "own", scope: "members:write" };

/** People, what they may do at most, and the end of it. */
export const membersPage: ConsolePage = {
  path: "/members",
  access: { callers: "own", scope: "members:read" },
  async show(ctx, { fields }) {
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listMembers(ctx, { limit: 100, cursor });
    const roles = ctx.caller.scopes.has("members:write") && ctx.caller.role ? mayAdd[ctx.caller.role] : [];
    const body = (
      <>
        <Table
          caption="Members"
          head={["Address", "Role", "Department", "State", "Since", "Action"]}
          empty="There is no member."
          rows={items.map((member) => [
            member.email,
            member.role.replaceAll("_", " "),
            member.department_id ?? "platform",
            <Status of={member.disabled_at === null ? "active" : "disabled"} />,
            <Time at={member.created_at} />,
            member.disabled_at === null && roles.includes(member.role) ? (
              <ActionForm action={`/members/${member.id}/disable`} button="Disable" about={member.email} />
            ) : null,
          ])}
        />
        <NextPage path="/members" query={fields} cursor={next_cursor} />
        {roles.length === 0 ? null : (
          <section aria-labelledby="add">
            <h2 id="add">Add a member</h2>
            <ActionForm action="/members" button="Add" command="POST /api/v1/members">
              <Field label="Address" name="email" type="email" required />
              <Choice label="Role" name="role" options={roles} />
              <Field label="Department (of a department admin)" name="department_id" />
            </ActionForm>
          </section>
        )}
      </>
    );
    return { title: "Members", body };
  },
};

export const memberActions: ConsoleAction[] = [
  {
    path: "/members",
    access: write,
    async act(ctx, { fields }) {
      const { email, role, department_id } = fields;
      const member = await createMember(ctx, readFields(memberInput, { email, role, department_id }));
      return { message: `${member.email} is a member now.`, location: "/members" };
    },
  },
  {
    path: "/members/:id/disable",
    access: write,
    question: ({ id }) => ({
      title: "End this member's access?",
      text: "Their keys and sessions end within a second, everywhere, and do not come back.",
      button: "Yes, end it",
      command: `DELETE /api/v1/members/${id}`,
    }),
    async act(ctx, asked) {
      await disableMember(ctx, idOf(asked));
      return { message: "The member is disabled.", location: "/members" };
    },
  },
];
