import { z } from "zod";
import { notFound } from "../../errors.ts";
import { limitKinds, policyInput } from "../../limits/limit.ts";
import { listLimits } from "../../limits/list.ts";
import { setLimit } from "../../limits/set.ts";
import { ActionForm, Field } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import { type ConsoleAction, type ConsolePage, numberOf, readFields } from "../parts/page.ts";
import { Table } from "../components/table.tsx";

/** How often whom may ask, and the forms to change it. */
export const limitsPage: ConsolePage = {
  path: "/limits",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx) {
    const set = new Map((await listLimits(ctx)).map((policy) => [policy.kind, policy]));
    const mayWrite = ctx.caller.scopes.has("limits:write");
    const rows = limitKinds.map((kind) => {
      const policy = set.get(kind);
      return [
        kind,
        policy ? `${policy.hits} in ${policy.window_seconds} s` : "not limited",
        mayWrite ? (
          <ActionForm
            action={`/limits/${kind}`}
            button="Set"
            about={`the limit ${kind}`}
            command={fed("limits", "set", kind, "--hits", "n", "--seconds", "n")}
          >
            <Field
              label="Hits"
              name="hits"
              type="number"
              min={1}
              max={1_000_000}
              value={text(policy?.hits)}
              required
            />
            <Field
              label="Seconds"
              name="window_seconds"
              type="number"
              min={1}
              max={86_400}
              value={text(policy?.window_seconds)}
              required
            />
          </ActionForm>
        ) : null,
      ];
    });
    return {
      title: "Limits",
      body: <Table caption="Limits" head={["Of each", "Now", "Change"]} rows={rows} empty="" />,
    };
  },
};

const text = (value: number | undefined) => (value === undefined ? undefined : String(value));

export const limitActions: ConsoleAction[] = [
  {
    path: "/limits/:id",
    access: { callers: "platform", scope: "limits:write" },
    async act(ctx, { id, fields }) {
      const kind = z.enum(limitKinds).safeParse(id);
      if (!kind.success) throw notFound();
      const policy = readFields(policyInput, {
        hits: numberOf(fields["hits"]),
        window_seconds: numberOf(fields["window_seconds"]),
      });
      await setLimit(ctx, kind.data, policy);
      return { message: `The limit ${kind.data} is set.`, location: "/limits" };
    },
  },
];
