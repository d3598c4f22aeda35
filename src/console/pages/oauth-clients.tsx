import { listClients } from "../../oauth-clients/list.ts";
import { FedCommand } from "../parts/fed-command.tsx";
import type { ConsolePage } from "../parts/page.ts";
import { Further, Instant, State, Table } from "../parts/table.tsx";

/** The pool of Google clients and the departments' own, never a secret. */
export const oauthClientsPage: ConsolePage = {
  path: "/oauth-clients",
  access: { callers: "platform", scope: "oauth:write" },
  async show(ctx, { fields }) {
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listClients(ctx, { limit: 100, cursor });
    const body = (
      <>
        <Table
          caption="OAuth clients"
          head={["Client", "Project", "Of", "State", "Department", "Leased", "Cooling until", "Last used"]}
          empty="There is no client."
          rows={items.map((client) => [
            <code>{client.client_id}</code>,
            client.project,
            client.origin === "pool" ? "the pool" : "a department",
            <State of={client.status} />,
            client.department_id === null ? "–" : <code>{client.department_id}</code>,
            <Instant at={client.leased_at} />,
            <Instant at={client.cooling_until} />,
            <Instant at={client.last_used_at} />,
          ])}
        />
        <Further path="/oauth-clients" query={fields} cursor={next_cursor} />
        <FedCommand text="fed oauth-clients list" />
      </>
    );
    return { title: "OAuth clients", body };
  },
};
