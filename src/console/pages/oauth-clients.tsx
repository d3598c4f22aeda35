import { listClients } from "../../oauth-clients/list.ts";
import type { ConsolePage } from "../parts/page.ts";
import { Command } from "../components/command.tsx";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";

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
            <Status of={client.status} />,
            client.department_id === null ? "–" : <code>{client.department_id}</code>,
            <Time at={client.leased_at} />,
            <Time at={client.cooling_until} />,
            <Time at={client.last_used_at} />,
          ])}
        />
        <NextPage path="/oauth-clients" query={fields} cursor={next_cursor} />
        <Command>fed oauth-clients list</Command>
      </>
    );
    return { title: "OAuth clients", body };
  },
};
