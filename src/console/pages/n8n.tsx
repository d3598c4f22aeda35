import { listInstances } from "../../n8n-instances/list.ts";
import type { ConsolePage } from "../parts/page.ts";
import { FedCommand } from "../parts/fed-command.tsx";
import { Further, Instant, State, Table } from "../parts/table.tsx";

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
            <State of={instance.status} />,
            instance.department_id === null ? "–" : <code>{instance.department_id}</code>,
            <Instant at={instance.leased_at} />,
            <Instant at={instance.created_at} />,
          ])}
        />
        <Further path="/n8n" query={fields} cursor={next_cursor} />
        <FedCommand text="fed n8n list" />
      </>
    );
    return { title: "n8n instances", body };
  },
};
