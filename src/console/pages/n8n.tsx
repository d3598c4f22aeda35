import { listInstances } from "../../n8n-instances/list.ts";
import type { ConsolePage } from "../parts/page.ts";
import { Command } from "../components/command.tsx";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";

/** The pool of n8n instances, never a key. */
export const n8nPage: ConsolePage = {
  path: "/n8n",
  access: { callers: "platform", scope: "departments:read" },
  async show(ctx, { fields }) {
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listInstances(ctx, { limit: 100, cursor });
    const body = (
      <>
        <Table
          caption="n8n instances"
          head={["URL", "Webhooks", "State", "Department", "Leased", "Added"]}
          empty="The pool is empty."
          rows={items.map((instance) => [
            instance.base_url,
            instance.webhook_url,
            <Status of={instance.status} />,
            instance.department_id === null ? "–" : <code>{instance.department_id}</code>,
            <Time at={instance.leased_at} />,
            <Time at={instance.created_at} />,
          ])}
        />
        <NextPage path="/n8n" query={fields} cursor={next_cursor} />
        <Command>fed n8n list</Command>
      </>
    );
    return { title: "n8n instances", body };
  },
};
