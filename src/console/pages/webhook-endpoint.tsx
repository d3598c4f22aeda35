import type { DeliveryView } from "../../webhooks/endpoints/delivery.ts";
import { listDeliveries } from "../../webhooks/endpoints/list-deliveries.ts";
import { showEndpoint } from "../../webhooks/endpoints/show.ts";
import { ActionForm } from "../components/action-form.tsx";
import { fed } from "../parts/fed.ts";
import { type ConsolePage, idOf } from "../parts/page.ts";
import { Status } from "../components/status.tsx";
import { Time } from "../components/time.tsx";
import { NextPage } from "../components/next-page.tsx";
import { Table } from "../components/table.tsx";

/** One endpoint: what was sent to it and how it went. */
export const webhookEndpointPage: ConsolePage = {
  path: "/webhooks/:id",
  access: { callers: "own", scope: "webhooks:write" },
  async show(ctx, asked) {
    const [id, { fields }] = [idOf(asked), asked];
    const endpoint = await showEndpoint(ctx, id);
    const cursor = fields["cursor"] || undefined;
    const { items, next_cursor } = await listDeliveries(ctx, id, { limit: 50, cursor });
    const body = (
      <>
        <p>
          {endpoint.url} <Status of={endpoint.status} /> {endpoint.description}
        </p>
        {endpoint.kind === "callback" ? null : (
          <>
            <ActionForm
              action={`/webhooks/${id}/test`}
              button="Send a test"
              command={fed("webhooks", "test", id)}
            />
            <ActionForm action={`/webhooks/${id}/remove`} button="Remove" />
          </>
        )}
        <Table
          caption="Deliveries, newest first"
          head={["Event", "Type", "State", "Attempts", "Last answer", "Last try", "Next try", "Action"]}
          empty="Nothing was sent yet."
          rows={items.map((delivery) => rowOf(id, delivery))}
        />
        <NextPage path={`/webhooks/${id}`} query={fields} cursor={next_cursor} />
      </>
    );
    return { title: "Webhook endpoint", body };
  },
};

function rowOf(endpointId: string, delivery: DeliveryView) {
  return [
    <code>{delivery.event_id}</code>,
    delivery.type,
    <Status of={delivery.status} />,
    String(delivery.attempts),
    [delivery.last_status, delivery.last_error].filter((part) => part !== null).join(" ") || "–",
    <Time at={delivery.last_attempt_at} />,
    <Time at={delivery.next_attempt_at} />,
    delivery.status === "sending" ? null : (
      <ActionForm
        action={`/webhook-deliveries/${delivery.id}/redeliver`}
        button="Send again"
        about={delivery.event_id}
        command={fed("webhooks", "redeliver", delivery.id)}
      >
        <input type="hidden" name="endpoint" value={endpointId} />
      </ActionForm>
    ),
  ];
}
